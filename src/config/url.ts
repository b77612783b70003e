import type { Credentials } from '../connection/auth.ts';
import { IllegalInputError } from '../errors.ts';
import { illegalOption, type Rule, unknownOption } from './check.ts';
import type { ClientOptions } from './options.ts';
import { nested, rulesByPath } from './paths.ts';
import { RULES } from './rules.ts';

/** `memcached://h1,h2:11212?timeoutMs=200`; class URL reads no list of ports. */
const SHAPE =
  /^(?<scheme>memcached|memcacheds|memcaches):\/\/(?<authority>[^/?#]*)(?<path>\/[^?#]*)?(?:\?(?<query>[^#]*))?$/i;

/** What its other parts say. */
const SAID_BEFORE: readonly string[] = ['servers', 'tls'];

/**
 * `memcacheds` and `memcaches` turn TLS on; `user:password@` before the servers is option `auth`. Query parameters
 * are options by name, parts of a group with a dot between.
 */
export function optionsFromUrl(url: string): ClientOptions {
  const { scheme = '', authority = '', path = '', query = '' } = SHAPE.exec(url)?.groups ?? {};
  if (scheme === '') {
    throw illegalUrl(
      'must read memcached://host:port,host:port?option=value or memcached:///path; memcacheds:// and memcaches:// use TLS',
    );
  }
  const options: ClientOptions = optionsOfQuery(new URLSearchParams(query));
  const at = authority.lastIndexOf('@');
  const servers = serversOf(decode(authority.slice(at + 1)), decode(path));
  if (servers === undefined && options.discovery === undefined) {
    throw illegalUrl('names no server');
  }
  return {
    servers,
    ...(scheme.toLowerCase() === 'memcached' ? {} : { tls: true }),
    ...(at === -1 ? {} : { auth: credentialsOf(authority.slice(0, at)) }),
    ...options,
  };
}

/** What stands before the last `@`; `:`, `@`, `/`, `?` and `#` within are percent escapes. */
function credentialsOf(text: string): Credentials {
  const parts = text.split(':');
  const [username, password] = parts;
  if (parts.length !== 2 || text.includes('@'))
    throw illegalUrl(
      'must have user:password before its @, with percent escapes for what is special',
    );
  return { username: decode(username), password: decode(password) };
}

/** Undefined where it names none. */
function serversOf(authority: string, path: string): string | string[] | undefined {
  if (authority === '') return path === '' || path === '/' ? undefined : [`unix:${path}`];
  if (path !== '' && path !== '/') throw illegalUrl('has a path after its servers');
  return authority;
}

function optionsOfQuery(query: URLSearchParams): object {
  const known = rulesByPath();
  const said = new Map<string, unknown>();
  for (const path of query.keys()) {
    // What looks like no name may be the rest of a password with a question mark in it.
    if (!/^[\w.]+$/.test(path)) throw illegalUrl('has a parameter that is no option');
    const texts = query.getAll(path);
    if (texts.length > 1) throw illegalUrl(`gives option '${path}' more than once`);
    said.set(path, valueOf(path, known, texts[0]));
  }
  return nested(said);
}

function valueOf(path: string, known: ReadonlyMap<string, Rule>, text: string): unknown {
  const rule = known.get(path);
  if (rule === undefined && !Object.hasOwn(RULES, path))
    throw unknownOption(path, [...known.keys()]);
  if (rule?.fromText === undefined || SAID_BEFORE.includes(path))
    throw illegalOption(path, 'cannot be given in a URL');
  return rule.fromText(text);
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw illegalUrl('holds a broken percent escape');
  }
}

/** The URL itself may hold a password and is not repeated. */
function illegalUrl(problem: string): IllegalInputError {
  return new IllegalInputError('ERR_MEMCACHE_OPTION', `the URL ${problem}`);
}
