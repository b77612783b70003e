import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { extname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { kindOf } from '../primitives/kind.ts';
import { check, object } from './check.ts';
import { flawOf } from './json-flaw.ts';
import type { ClientOptions } from './options.ts';
import { from } from './origin.ts';
import { refusedIn, within } from './refused.ts';
import { RULES } from './rules.ts';
import { secret } from './secret.ts';

const NAME = 'memvolley.config';
const ENDS = ['.json', '.js', '.mjs', '.ts'];

/**
 * The options of a file: the one that is named, else the one in the folder, else none.
 * Rejects with IllegalInputError (ERR_MEMCACHE_OPTION) that names the file.
 */
export async function optionsFromFile(
  cwd: string,
  named: string | undefined,
): Promise<ClientOptions[]> {
  const path = named === undefined ? fileIn(cwd) : resolve(cwd, named);
  if (path === undefined) return [];
  const place = `the config file ${path}`;
  if (!existsSync(path)) throw refusedIn(place, 'does not exist');
  const end = extname(path);
  if (!ENDS.includes(end))
    throw refusedIn(place, `is of an unknown kind: it must end in ${ENDS.join(', ')}`);
  const content = end === '.json' ? await jsonOf(path, place) : await exportOf(path, place);
  if (!object.accepts(content))
    throw refusedIn(place, `must be an object of options; got ${kindOf(content)}`);
  const options = withoutRemarks(content as object);
  within(place, () => {
    check(options, RULES);
  });
  return [from(`file ${path}`, hidden(options))];
}

function fileIn(folder: string): string | undefined {
  const found = ENDS.map((end) => join(folder, NAME + end)).filter((path) => existsSync(path));
  if (found.length < 2) return found[0];
  throw refusedIn(`there are two config files, ${found[0]} and ${found[1]}:`, 'keep one of them');
}

async function jsonOf(path: string, place: string): Promise<unknown> {
  const text = (await readFile(path, 'utf8')).replace(/^\uFEFF/, '');
  try {
    return JSON.parse(text) as unknown;
  } catch {
    const { line, column, expected } = flawOf(text) ?? { line: 1, column: 1, expected: 'JSON' };
    throw refusedIn(place, `is no JSON: ${expected} is missing at line ${line}, column ${column}`);
  }
}

/** Whether this Node.js runs TypeScript. */
function stripsTypes(): boolean {
  const { typescript = false } = process.features as { typescript?: string | false };
  return typescript !== false;
}

/** What a module exports as default; a function is asked for it. */
async function exportOf(path: string, place: string): Promise<unknown> {
  if (extname(path) === '.ts' && !stripsTypes())
    throw refusedIn(
      place,
      `needs Node.js 22.18 or newer, or 22.6 with --experimental-strip-types; this is ${process.versions.node}`,
    );
  try {
    const { default: content } = (await import(
      /* webpackIgnore: true */ /* @vite-ignore */ pathToFileURL(path).href
    )) as { default?: unknown };
    return typeof content === 'function' ? await (content as () => unknown)() : content;
  } catch (error) {
    throw refusedIn(place, `cannot be loaded: ${String(error)}`, error);
  }
}

/** Names that begin with $ are remarks: `$schema` for editors, what `bench tune` says of its figures. */
function withoutRemarks(content: object): ClientOptions {
  return Object.fromEntries(Object.entries(content).filter(([name]) => !name.startsWith('$')));
}

/** Options that are printed show no password and no key. */
function hidden(options: ClientOptions): ClientOptions {
  const { auth, tls } = options;
  return {
    ...options,
    ...(typeof auth === 'object' && { auth: secret(auth) }),
    ...(typeof tls === 'object' && { tls: secret(tls) }),
  };
}
