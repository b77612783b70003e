import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { inspect } from 'node:util';
import { variableOf, variables } from '../../../src/config/env.ts';
import { loadConfig, type LoadConfigOptions } from '../../../src/config/load.ts';
import { Settings } from '../../../src/config/settings.ts';
import { IllegalInputError } from '../../../src/errors.ts';
import { createClient } from '../../../src/index.ts';

const folders: string[] = [];
after(() => {
  for (const folder of folders) rmSync(folder, { recursive: true });
});

/** A folder with these files. */
function folderOf(files: Readonly<Record<string, string>> = {}): string {
  const cwd = mkdtempSync(join(tmpdir(), 'config-'));
  folders.push(cwd);
  for (const [name, text] of Object.entries(files)) writeFileSync(join(cwd, name), text);
  return cwd;
}

const NOWHERE = folderOf();

const load = (options: LoadConfigOptions = {}): ReturnType<typeof loadConfig> =>
  loadConfig({ cwd: NOWHERE, env: {}, ...options });

async function refusal(options: LoadConfigOptions): Promise<string> {
  const error = await load(options).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof IllegalInputError, String(error));
  assert.equal(error.code, 'ERR_MEMCACHE_OPTION');
  return error.message;
}

const strips = (process.features as { typescript?: unknown }).typescript;

test('every option that text can say has a variable of its own', () => {
  assert.equal(variableOf('timeoutMs'), 'MEMVOLLEY_TIMEOUT_MS');
  assert.equal(variableOf('retry.maybeSent'), 'MEMVOLLEY_RETRY_MAYBE_SENT');
  const paths = [...variables().values()].map(({ path }) => path);
  for (const path of ['servers', 'tls', 'hash', 'discovery', 'maxQueued.bytes', 'health.probeMs'])
    assert.ok(paths.includes(path), path);
  for (const path of ['auth', 'connect', 'maxQueued']) assert.ok(!paths.includes(path), path);
  assert.equal(new Set(paths).size, paths.length);
});

test('nothing said anywhere is no option', async () => {
  assert.deepEqual(Object.keys(await load()), []);
});

test('overrides go before the environment, which goes before the file, part by part', async () => {
  const file = {
    servers: 'f',
    timeoutMs: 1,
    ttl: 1,
    retry: { attempts: 1, delayMs: 1, budget: 0 },
  };
  const cwd = folderOf({ 'memvolley.config.json': JSON.stringify(file) });
  const env = {
    MEMVOLLEY_URL: 'memcached://u?timeoutMs=2&ttl=2&retry.delayMs=2',
    MEMVOLLEY_TTL: '3',
    MEMVOLLEY_RETRY_ATTEMPTS: '3',
    OTHER: 'x',
  };
  const options = await load({ cwd, env, overrides: { retry: { attempts: 4 } } });
  assert.deepEqual(Object.fromEntries(Object.entries(options)), {
    servers: 'u',
    timeoutMs: 2,
    ttl: 3,
    retry: { attempts: 4, delayMs: 2, budget: 0 },
  });
  const config = new Settings({ ...options, volleyKeys: 5 }).config();
  const path = join(cwd, 'memvolley.config.json');
  assert.equal(config.servers.source, 'environment MEMVOLLEY_URL');
  assert.equal(config.timeoutMs.source, 'environment MEMVOLLEY_URL');
  assert.equal(config.ttl.source, 'environment MEMVOLLEY_TTL');
  assert.equal(config['retry.attempts'].source, 'options');
  assert.equal(config['retry.delayMs'].source, 'environment MEMVOLLEY_URL');
  assert.equal(config['retry.budget'].source, `file ${path}`);
  assert.equal(config.volleyKeys.source, 'options');
  assert.equal(config.flush.source, 'default');
});

test('text becomes the kind of value an option has', async () => {
  const env = {
    MEMVOLLEY_SERVERS: 'h1, h2:5',
    MEMVOLLEY_TLS: 'true',
    MEMVOLLEY_OPAQUE: 'false',
    MEMVOLLEY_TTL_JITTER: '0.5',
    MEMVOLLEY_HASH: 'ketama',
    MEMVOLLEY_KEY_PREFIX: '42',
    MEMVOLLEY_DISCOVERY_LIMITS_ALLOW: '.a.b, 10.0.0.0/8',
    MEMVOLLEY_TTL: '',
  };
  assert.deepEqual(Object.fromEntries(Object.entries(await load({ env }))), {
    servers: 'h1, h2:5',
    tls: true,
    opaque: false,
    ttlJitter: 0.5,
    hash: 'ketama',
    keyPrefix: '42',
    discoveryLimits: { allow: ['.a.b', '10.0.0.0/8'] },
  });
});

test('a variable that says no option, or not what it may, is refused by name', async () => {
  assert.equal(
    await refusal({ env: { MEMVOLLEY_TIMEOUTMS: '5' } }),
    'environment variable MEMVOLLEY_TIMEOUTMS says no option: did you mean MEMVOLLEY_TIMEOUT_MS?',
  );
  assert.equal(
    await refusal({ env: { MEMVOLLEY_COLOUR_OF_THE_SHED: 'blue' } }),
    'environment variable MEMVOLLEY_COLOUR_OF_THE_SHED says no option',
  );
  assert.equal(
    await refusal({ env: { MEMVOLLEY_TIMEOUT_MS: 'canary' } }),
    'environment variable MEMVOLLEY_TIMEOUT_MS must be an integer of milliseconds from 1 to 2147483647; got a string',
  );
  for (const [name, text] of [
    ['MEMVOLLEY_SERVERS', 'canary:port'],
    ['MEMVOLLEY_ON_ERROR', 'canary'],
    ['MEMVOLLEY_TLS', 'canary'],
    ['MEMVOLLEY_URL', 'redis://u:canary@h'],
    ['MEMVOLLEY_URL', 'memcached://u:canary@h?timeoutMs=0'],
    ['MEMVOLLEY_USERNAME', 'canary'],
    ['MEMVOLLEY_PASSWORD', 'canary'],
    ['MEMCACHIER_SERVERS', 'canary:port'],
    ['MEMCACHE_SERVERS', 'u:canary:x@h'],
  ]) {
    const message = await refusal({ env: { [name]: text } });
    assert.match(message, new RegExp(`^environment variable ${name}`));
    assert.doesNotMatch(message, /canary/);
  }
});

test('servers, user and password by the names other clients read', async () => {
  const MEMCACHE = { MEMCACHE_SERVERS: 'u:p@h1,h2', MEMCACHE_USERNAME: '', MEMCACHE_PASSWORD: '' };
  const MEMCACHIER = {
    MEMCACHIER_SERVERS: 'm1,m2',
    MEMCACHIER_USERNAME: 'ada',
    MEMCACHIER_PASSWORD: 'canary',
  };
  const one = await load({ env: MEMCACHE });
  assert.equal(one.servers, 'h1,h2');
  assert.deepEqual(
    Object.entries(one.auth ?? {}),
    Object.entries({ username: 'u', password: 'p' }),
  );
  const both = await load({ env: { ...MEMCACHE, ...MEMCACHIER } });
  assert.equal(both.servers, 'm1,m2');
  assert.deepEqual(Object.values(both.auth ?? {}), ['ada', 'canary', 'memcachier']);
  const config = new Settings(both).config();
  assert.equal(config.servers.source, 'environment MEMCACHIER_SERVERS');
  assert.deepEqual(config.auth, {
    value: '[hidden]',
    source: 'environment MEMCACHIER_USERNAME',
  });
});

test('a password for other servers is not sent to these', async () => {
  const env = { MEMCACHIER_SERVERS: 'm', MEMCACHIER_USERNAME: 'a', MEMCACHIER_PASSWORD: 'b' };
  const own = await load({ env: { ...env, MEMVOLLEY_SERVERS: 'h' } });
  assert.deepEqual([own.servers, own.auth], ['h', undefined]);
  const over = await load({ env, overrides: { discovery: 'dns://h' } });
  assert.deepEqual([over.servers, over.auth], [undefined, undefined]);
});

test('servers from one place and a discovery from another do not meet', async () => {
  const cwd = folderOf({ 'memvolley.config.json': '{ "discovery": "dns://h", "ttl": 1 }' });
  const options = await load({ cwd, env: { MEMCACHE_SERVERS: 'h1' } });
  assert.deepEqual([options.servers, options.discovery, options.ttl], ['h1', undefined, 1]);
});

test('options that are printed show no secret, and no bookkeeping', async () => {
  const cwd = folderOf({
    'memvolley.config.json':
      '{ "auth": { "username": "u", "password": "canary" }, "tls": { "passphrase": "canary" } }',
  });
  for (const options of [
    await load({ cwd }),
    await load({ env: { MEMVOLLEY_URL: 'memcached://u:canary@h' } }),
    await load({ env: { MEMVOLLEY_USERNAME: 'u', MEMVOLLEY_PASSWORD: 'canary' } }),
  ]) {
    const shown = inspect(options, { depth: 9, showHidden: true }) + JSON.stringify(options);
    assert.doesNotMatch(shown, /canary/);
    assert.doesNotMatch(shown, /Map/);
  }
});

test('a file is JSON or a module: an object, or a function that answers one', async () => {
  const text = '{ "servers": "h", "ttl": 7, "$schema": "x", "$measured": { "date": "today" } }';
  const files = {
    'memvolley.config.json': `\uFEFF${text}`,
    'memvolley.config.mjs': 'export default { servers: "h", ttl: 7 };',
    'memvolley.config.js': 'module.exports = { servers: "h", ttl: 7 };',
    'function.mjs': 'export default () => ({ servers: "h", ttl: 7 });',
    'promise.mjs': 'export default async () => ({ servers: "h", ttl: 7 });',
  };
  for (const [name, content] of Object.entries(files)) {
    const cwd = folderOf({ [name]: content });
    const given: LoadConfigOptions[] = [{ file: join(cwd, name) }, { cwd, file: name }];
    given.push({ cwd, env: { MEMVOLLEY_CONFIG: name } });
    if (name.startsWith('memvolley')) given.push({ cwd });
    for (const each of given) {
      const options = await load(each);
      assert.deepEqual([Object.keys(options), options.ttl], [['servers', 'ttl'], 7], name);
      await createClient(options).close();
    }
  }
});

test('TypeScript, where this Node.js runs it', async () => {
  const cwd = folderOf({ 'memvolley.config.ts': 'export default { servers: "h" as string };' });
  if (strips === undefined || strips === false)
    assert.match(
      await refusal({ cwd }),
      /memvolley\.config\.ts needs Node\.js 22\.18 or newer, or 22\.6 with --experimental-strip-types; this is \d/,
    );
  else assert.equal((await load({ cwd })).servers, 'h');
});

test('a file that is not there, of an unknown kind, or one of two is refused', async () => {
  assert.match(
    await refusal({ file: 'gone.json' }),
    /^the config file .*gone\.json does not exist$/,
  );
  const cwd = folderOf({
    'options.yaml': '',
    'memvolley.config.js': '',
    'memvolley.config.json': '{}',
  });
  assert.match(
    await refusal({ cwd, file: 'options.yaml' }),
    /must end in \.json, \.js, \.mjs, \.ts$/,
  );
  assert.match(
    await refusal({ cwd }),
    /^there are two config files, .*memvolley\.config\.json and .*memvolley\.config\.js: keep one of them$/,
  );
  assert.deepEqual(Object.keys(await load({ cwd, file: 'memvolley.config.json' })), []);
});

test('broken JSON is refused with line and column, and not repeated', async () => {
  const cwd = folderOf({ 'memvolley.config.json': '{\n  "auth": { "password": "canary" },\n}' });
  const message = await refusal({ cwd });
  assert.match(
    message,
    /^the config file .*memvolley\.config\.json is no JSON: a name in double quotes is missing at line 3, column 1$/,
  );
});

test('what stands in a file is checked, and the file named', async () => {
  const cases: [content: string, problem: RegExp][] = [
    ['[]', /must be an object of options; got an array$/],
    ['{ "timeoutMS": 5 }', /: unknown option 'timeoutMS': did you mean 'timeoutMs'\?$/],
    ['{ "timeoutMs": "5" }', /: option 'timeoutMs' must be an integer .*; got a string$/],
    ['{ "retry": { "attempt": 5 } }', /: unknown option 'retry.attempt': did you mean/],
    ['{ "auth": null }', /: option 'auth' must be/],
  ];
  for (const [content, problem] of cases) {
    const cwd = folderOf({ 'memvolley.config.json': content });
    const message = await refusal({ cwd });
    assert.match(message, problem);
    assert.match(message, /^the config file .*memvolley\.config\.json/);
  }
});

test('a module that fails is named, with its reason', async () => {
  const cause = /: ReferenceError: nothing is not defined$/;
  for (const content of [
    'nothing();',
    'export default () => nothing();',
    'export default async () => nothing();',
  ]) {
    const cwd = folderOf({ 'memvolley.config.mjs': content });
    const error = await load({ cwd }).catch((reason: unknown) => reason as Error);
    assert.match((error as Error).message, cause);
    assert.match(
      (error as Error).message,
      /^the config file .*memvolley\.config\.mjs cannot be loaded/,
    );
    assert.ok((error as Error).cause instanceof Error);
  }
  const cwd = folderOf({ 'memvolley.config.mjs': 'export default {' });
  assert.match(await refusal({ cwd }), /memvolley\.config\.mjs cannot be loaded: SyntaxError: /);
  const empty = folderOf({ 'memvolley.config.mjs': 'export const servers = "h";' });
  assert.match(await refusal({ cwd: empty }), /must be an object of options; got undefined$/);
});

test('what loadConfig itself is given is checked', async () => {
  assert.match(
    await refusal({ cvd: 'x' } as LoadConfigOptions),
    /unknown option 'cvd': did you mean 'cwd'/,
  );
  assert.match(
    await refusal({ file: 5 } as unknown as LoadConfigOptions),
    /'file' must be a string/,
  );
  assert.match(await refusal({ overrides: { ttl: -1 } }), /^option 'ttl' must be/);
  assert.match(await refusal({ overrides: 'redis://h' }), /^the URL must read/);
  assert.equal((await load({ overrides: 'memcaches://h?ttl=5' })).tls, true);
  assert.equal((await load({ overrides: new URL('memcached://h?ttl=5') })).ttl, 5);
});
