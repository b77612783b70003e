import type { FSWatcher } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import type { ServerSpec } from '../connection/address.ts';
import { MemcacheConnectionError, MemcacheError } from '../errors.ts';
import type { DiscoverContext, Discovery } from './discovery.ts';
import { checkMs, checkNames, checkText } from './option-check.ts';

/** What `file` reads, and when. */
export interface FileOptions {
  /** A JSON list of servers, or one server a line; what follows a `#` is a comment. At most 64 KiB. */
  readonly path: string;
  /**
   * Milliseconds after which it is read again although nobody told of a change, for file systems
   * that tell nothing. Default 30 000, from 1, or 0: never.
   */
  readonly pollMs?: number;
}

const MAX_BYTES = 65_536;

/**
 * Servers that a file names. It is read again when its folder tells of a change, so it may be
 * written in place or, better, replaced by a rename; a mounted ConfigMap is, too.
 * Throws IllegalInputError for options it cannot work with.
 */
export function file(options: FileOptions): Discovery {
  checkNames('file', options, ['path', 'pollMs']);
  const path = resolve(checkText('path', options.path));
  const name = `file ${path}`;
  return {
    name,
    pollMs: checkMs('pollMs', options.pollMs ?? 30_000, 0),
    local: true,
    discover: async ({ signal }) => serversIn(await textOf(path, signal), name),
    watch: (changed) => watchFolder(path, changed),
  };
}

async function textOf(path: string, signal: DiscoverContext['signal']): Promise<string> {
  try {
    const { size } = await stat(path).then(regular);
    if (size > MAX_BYTES) throw unreadable(path, `it is longer than ${MAX_BYTES} bytes`);
    return await readFile(path, { encoding: 'utf8', signal });
  } catch (cause) {
    if (cause instanceof MemcacheError) throw cause;
    throw unreadable(path, String((cause as NodeJS.ErrnoException).code), cause);
  }

  /** Reading a pipe would wait for its writer. */
  function regular(found: { isFile(): boolean; size: number }): { size: number } {
    if (!found.isFile()) throw unreadable(path, 'it is no regular file');
    return found;
  }
}

function unreadable(path: string, why: string, cause?: unknown): MemcacheError {
  const message = `file ${path} cannot be read: ${why}`;
  return new MemcacheConnectionError('ERR_MEMCACHE_CONNECT', message, { cause, retryable: true });
}

function serversIn(text: string, name: string): readonly ServerSpec[] {
  const content = text.replace(/^\uFEFF/, '').trim();
  // A line may begin with the bracket of an IPv6 address.
  if (/^(\{|\[\s*(["{\]]|$))/.test(content)) return parseJson(content, name);
  return content
    .split(/\r?\n/)
    .map((line) => line.replace(/#.*$/, '').trim())
    .filter((line) => line !== '');
}

function parseJson(text: string, name: string): readonly ServerSpec[] {
  let list: unknown;
  try {
    list = JSON.parse(text);
  } catch {
    throw new MemcacheConnectionError('ERR_MEMCACHE_PROTOCOL', `${name} holds broken JSON`);
  }
  if (Array.isArray(list)) return list as ServerSpec[];
  throw new MemcacheConnectionError('ERR_MEMCACHE_PROTOCOL', `${name} holds JSON that is no list`);
}

/** A watched file is lost when another takes its place; its folder stays. */
function watchFolder(path: string, changed: () => void): () => void {
  const own = basename(path);
  let watcher: FSWatcher | undefined;
  try {
    // To import node:fs loads its streams as well.
    watcher = process
      .getBuiltinModule('node:fs')
      .watch(dirname(path), { persistent: false }, (_event, name) => {
        // Kubernetes replaces a link named ..data beside the file.
        if (name === null || name === own || name.startsWith('..')) changed();
      });
    // The folder is gone, or out of watches: the poll goes on.
    watcher.on('error', () => watcher?.close());
  } catch {
    return () => {};
  }
  return () => watcher.close();
}
