import { parseServers } from '../connection/address.ts';
import type { Credentials } from '../connection/auth.ts';
import { kindOf } from '../primitives/kind.ts';
import { check, type Rule } from './check.ts';
import { nearest } from './nearest.ts';
import type { ClientOptions } from './options.ts';
import { from } from './origin.ts';
import { nested, rulesByPath } from './paths.ts';
import { refusedIn, within } from './refused.ts';
import { secret } from './secret.ts';
import { RULES } from './rules.ts';
import { optionsFromUrl } from './url.ts';

/** As `process.env`. */
type Environment = Readonly<Record<string, string | undefined>>;

const PREFIX = 'MEMVOLLEY_';
const URL_NAME = 'MEMVOLLEY_URL';
/** Names the file of options. */
const FILE_NAME = 'MEMVOLLEY_CONFIG';
/** What others begin their names for servers, a user and a password with, in the order they are looked for. */
const FOREIGN = ['MEMCACHIER', 'MEMCACHE'];

/** `timeoutMs` is MEMVOLLEY_TIMEOUT_MS, `retry.attempts` is MEMVOLLEY_RETRY_ATTEMPTS. */
export const variableOf = (path: string): string =>
  PREFIX + path.replaceAll(/[A-Z]/g, '_$&').replace('.', '_').toUpperCase();

/** The variable of every option that text can say. */
export function variables(): Map<string, { readonly path: string; readonly rule: Rule }> {
  const sayable = [...rulesByPath()].filter(([, { fromText }]) => fromText !== undefined);
  return new Map(sayable.map(([path, rule]) => [variableOf(path), { path, rule }]));
}

/**
 * What this client's own variables say: first the URL, then each of the others. An empty variable counts as absent.
 * Throws IllegalInputError (ERR_MEMCACHE_OPTION) that names the variable, and never repeats what it holds.
 */
export function ownOptions(environment: Environment): ClientOptions[] {
  const known = variables();
  refuseUnknown(environment, [...known.keys()]);
  const singly = [...known].flatMap(([name, { path, rule }]) => {
    const text = textOf(environment, name);
    return text === undefined ? [] : [said(name, nested([[path, valueOf(name, rule, text)]]))];
  });
  const url = textOf(environment, URL_NAME);
  return [
    ...(url === undefined
      ? []
      : [
          said(
            URL_NAME,
            within(of(URL_NAME), () => optionsOf(url)),
          ),
        ]),
    ...singly,
    ...credentials(environment, 'MEMVOLLEY'),
  ];
}

/** What the variables of another client say, who has servers there; a user and a password are for those alone. */
export function foreignOptions(environment: Environment): ClientOptions[] {
  const client = FOREIGN.find((name) => textOf(environment, `${name}_SERVERS`) !== undefined);
  if (client === undefined) return [];
  const name = `${client}_SERVERS`;
  const text = textOf(environment, name) ?? '';
  // memjs takes user:password@ before the servers.
  const read = (): ClientOptions =>
    text.includes('@') ? optionsFromUrl(`memcached://${text}`) : { servers: text };
  const options = within(of(name), () => {
    const { servers = text, auth } = read();
    parseServers(servers, name);
    return { servers, auth: typeof auth === 'object' ? forClient(auth, client) : auth };
  });
  return [said(name, options), ...credentials(environment, client)];
}

/** The path in MEMVOLLEY_CONFIG. */
export const fileOf = (environment: Environment): string | undefined =>
  textOf(environment, FILE_NAME);

function optionsOf(url: string): ClientOptions {
  const options = optionsFromUrl(url);
  check(options, RULES);
  return options;
}

function refuseUnknown(environment: Environment, options: readonly string[]): void {
  const known = [...options, URL_NAME, FILE_NAME, ...credentialNames('MEMVOLLEY')];
  for (const name of Object.keys(environment)) {
    if (!name.startsWith(PREFIX) || known.includes(name)) continue;
    const like = nearest(name, known);
    const hint = like === undefined ? '' : `: did you mean ${like}?`;
    throw refusedIn(of(name), `says no option${hint}`);
  }
}

function valueOf(name: string, { fromText, accepts, allowed }: Rule, text: string): unknown {
  const value = fromText?.(text);
  if (!accepts(value)) throw refusedIn(of(name), `must be ${allowed}; got ${kindOf(value)}`);
  if (name === variableOf('servers')) within(of(name), () => parseServers(text));
  return value;
}

function credentials(environment: Environment, client: string): ClientOptions[] {
  const names = credentialNames(client);
  const [username, password] = names.map((name) => textOf(environment, name));
  if (username === undefined && password === undefined) return [];
  const [there, absent] = username === undefined ? names.toReversed() : names;
  if (username === undefined || password === undefined)
    throw refusedIn(of(there), `needs ${absent} beside it`);
  return [said(there, { auth: forClient({ username, password }, client) })];
}

/** MemCachier's servers have a scheme of their own. */
function forClient(login: Credentials, client: string): Credentials {
  return client === 'MEMCACHIER' ? { ...login, scheme: 'memcachier' } : login;
}

const credentialNames = (client: string): string[] => [`${client}_USERNAME`, `${client}_PASSWORD`];

/** Options that are printed show no password. */
function said(name: string, options: ClientOptions): ClientOptions {
  const { auth } = options;
  const hidden = typeof auth === 'object' ? { ...options, auth: secret(auth) } : options;
  return from(`environment ${name}`, hidden);
}

function textOf(environment: Environment, name: string): string | undefined {
  const text = environment[name];
  return text === '' ? undefined : text;
}

const of = (name: string): string => `environment variable ${name}`;
