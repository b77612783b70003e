import type { Credentials } from '../connection/auth.ts';
import { IllegalInputError } from '../errors.ts';
import { illegalOption, unknownOption } from './check.ts';
import type { Rule, Rules } from './check.ts';
import type { ClientOptions } from './options.ts';
import { RULES } from './rules.ts';

/** `memcached://h1,h2:11212?timeoutMs=200`; class URL reads no list of ports. */
const SHAPE =
  /^(?<scheme>memcacheds?):\/\/(?<authority>[^/?#]*)(?<path>\/[^?#]*)?(?:\?(?<query>[^#]*))?$/i;

/**
 * `memcacheds` turns TLS on; `user:password@` before the servers is option `auth`. Query parameters are options by name,
 * parts of a group with a dot between.
 */
export function optionsFromUrl(url: string): ClientOptions {
  const { scheme = '', authority = '', path = '', query = '' } = SHAPE.exec(url)?.groups ?? {};
  if (scheme === '') {
    throw illegalUrl(
      'must read memcached://host:port,host:port?option=value, memcacheds:// or memcached:///path',
    );
  }
  const options = optionsOfQuery(new URLSearchParams(query));
  const at = authority.lastIndexOf('@');
  const servers = serversOf(decode(authority.slice(at + 1)), decode(path));
  if (servers === undefined && options['discovery'] === undefined) {
    throw illegalUrl('names no server');
  }
  return {
    servers,
    ...(scheme.toLowerCase() === 'memcacheds' ? { tls: true } : {}),
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

function optionsOfQuery(query: URLSearchParams): Record<string, unknown> {
  const options: Record<string, unknown> = {};
  const known = byPath(RULES);
  for (const path of query.keys()) {
    const rule = known.get(path);
    // What looks like no name may be the rest of a password with a question mark in it.
    if (!/^[\w.]+$/.test(path)) throw illegalUrl('has a parameter that is no option');
    if (rule === undefined) throw unknownOption(path, [...known.keys()]);
    const texts = query.getAll(path);
    if (texts.length > 1) throw illegalUrl(`gives option '${path}' more than once`);
    if (rule.fromText === undefined) throw illegalOption(path, 'cannot be given in a URL');
    const value = rule.fromText(texts[0]);
    const [name, part = ''] = path.split('.');
    if (part === '') options[name] = value;
    else options[name] = { ...(options[name] as object | undefined), [part]: value };
  }
  return options;
}

/** The rules of options and of the parts of groups, by the name a URL gives them. */
function byPath(rules: Rules): Map<string, Rule> {
  const paths = new Map<string, Rule>();
  for (const [name, rule] of Object.entries(rules)) {
    paths.set(name, rule);
    const parts = Object.entries(rule.parts ?? {});
    for (const [part, partRule] of parts) paths.set(`${name}.${part}`, partRule);
  }
  return paths;
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
