// The pages for those who come from another client name all that client has, and nothing here that is not there.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { CONFIG } from '../../src/adapters/memcached/options.ts';
import { Memcached } from '../../src/adapters/memcached/index.ts';
import { RULES } from '../../src/config/rules.ts';
import * as door from '../../src/index.ts';
import { ROOT, table } from '../support/documents.ts';

const FOLDER = 'src/adapters/migration';
const requireRival = createRequire(join(ROOT, 'bench/rivals/package.json'));

/** False, or why a client cannot be looked into. With CI set its absence is a failure. */
function missing(client: string): false | string {
  try {
    requireRival.resolve(client);
    return false;
  } catch {
    if ((process.env['CI'] ?? '') !== '') return false;
    return `${client} is installed by npm run bench (npm ci in bench/rivals)`;
  }
}

/** All that stands in backticks in a column of a table. */
const quotedIn = (page: string, heading: string, column: number): string[] =>
  table(`${FOLDER}/${page}.md`, heading).flatMap((cells) =>
    [...cells[column].matchAll(/`([^`]+)`/g)].map(([, code]) => code),
  );

function namesAll(page: string, heading: string, names: Iterable<string>): void {
  const told = new Set(quotedIn(page, heading, 0));
  assert.deepEqual(
    [...names].filter((name) => !told.has(name)),
    [],
    `${page}.md, ${heading}`,
  );
}

const methodsOf = (prototype: object): string[] =>
  Object.getOwnPropertyNames(prototype).filter((name) => name !== 'constructor');

interface Class {
  readonly prototype: object;
}

/** Names of the options of an interface in a file of types. */
function optionsIn(types: string, ...interfaces: string[]): string[] {
  return interfaces.flatMap((name) => {
    const [, body] = new RegExp(`${name}\\b[^{]*\\{([^]*?)\\n\\}`).exec(types) ?? [];
    assert.ok(body !== undefined, `no ${name}`);
    return [...body.matchAll(/^\s+([a-zA-Z]+)\??:/gm)].map(([, option]) => option);
  });
}

test('every method and option of memcached', { skip: missing('memcached') }, () => {
  const Real = requireRival('memcached') as Class & { config: object };
  namesAll('from-memcached', 'Methods', methodsOf(Real.prototype));
  const options = [...Object.keys(Real.config), 'failOverServers'];
  namesAll('from-memcached', 'Options', options);
});

test('the adapter has every public method and every option of memcached', () => {
  const documented = new Set(
    table('src/adapters/memcached/README.md', 'Callbacks').flatMap(([cell]) =>
      [...cell.matchAll(/`([a-zA-Z]+)/g)].map(([, name]) => name),
    ),
  );
  for (const name of documented) assert.equal(name in Memcached.prototype, true, name);
  const options = table('src/adapters/memcached/README.md', 'Options').flatMap(([cell]) =>
    [...cell.matchAll(/`([a-zA-Z]+)`/g)].map(([, name]) => name),
  );
  const known = [...Object.keys(CONFIG), 'failOverServers', 'memvolley'];
  assert.deepEqual(options.toSorted(), known.toSorted());
});

test('the adapter has what memcached has', { skip: missing('memcached') }, () => {
  const Real = requireRival('memcached') as Class & { config: object };
  const secret = ['connect', 'buffer', 'command', 'connectionIssue', 'delegateCallback'];
  secret.push('makeCallback', 'rawDataReceived');
  assert.deepEqual(
    methodsOf(Real.prototype).filter((name) => !(name in Memcached.prototype)),
    secret.toSorted(
      (a, b) => methodsOf(Real.prototype).indexOf(a) - methodsOf(Real.prototype).indexOf(b),
    ),
  );
  assert.deepEqual(
    Object.keys(Real.config).filter((name) => !(name in CONFIG) && name !== 'activeQueries'),
    [],
  );
});

test('every method and option of memjs', { skip: missing('memjs') }, () => {
  const real = requireRival('memjs') as Record<string, Class>;
  const { Client, ...others } = real;
  namesAll('from-memjs', 'Methods', [...methodsOf(Client.prototype), ...Object.keys(others)]);
  const folder = join(requireRival.resolve('memjs'), '..');
  const source = ['memjs.js', 'server.js'].map((file) => readFileSync(join(folder, file), 'utf8'));
  const asked = [...source.join('').matchAll(/this\.options\.(\w+)/g)].map(([, name]) => name);
  assert.ok(asked.length > 10);
  namesAll('from-memjs', 'Options', asked);
});

test('every method and option of memcache-client', { skip: missing('memcache-client') }, () => {
  const { MemcacheClient } = requireRival('memcache-client') as Record<string, Class>;
  namesAll('from-memcache-client', 'Methods', methodsOf(MemcacheClient.prototype));
  const folder = join(requireRival.resolve('memcache-client'), '..');
  const types = readFileSync(join(folder, 'types.d.ts'), 'utf8');
  const names = [
    'MemcacheClientOptions',
    'Serverconfig',
    'SingleServerEntry',
    'MultipleServerEntry',
  ];
  const found = optionsIn(types, ...names.map((name) => `type ${name}`));
  assert.ok(found.length > 15);
  namesAll('from-memcache-client', 'Options', found);
});

test('every method and option of memcache', { skip: missing('memcache') }, async () => {
  const url = pathToFileURL(requireRival.resolve('memcache')).href;
  const { Memcache } = (await import(url)) as Record<string, Class>;
  const types = readFileSync(join(requireRival.resolve('memcache'), '../index.d.mts'), 'utf8');
  const secret = new Set([...types.matchAll(/private (?:get )?(\w+)/g)].map(([, name]) => name));
  const methods = methodsOf(Memcache.prototype).filter((name) => !secret.has(name));
  assert.ok(methods.length > 30);
  namesAll('from-memcache', 'Methods', methods);
  const names = ['MemcacheOptions', 'AutoDiscoverOptions', 'SASLCredentials'];
  namesAll(
    'from-memcache',
    'Options',
    optionsIn(types, ...names.map((name) => `interface ${name}`)),
  );
});

/** The public names of pymemcache 4.0, from its documentation. */
const PYMEMCACHE = {
  Methods: `get get_many get_multi gets gets_many gets_multi gat gats set set_many set_multi add replace append prepend cas
    delete delete_many delete_multi incr decr touch stats version flush_all cache_memlimit raw_command shutdown quit close
    disconnect_all check_key add_server remove_server reconfigure_nodes client_class Client PooledClient HashClient
    RetryingClient FallbackClient AWSElastiCacheHashClient ObjectPool MockMemcacheClient`,
  Options: `server servers serde serializer deserializer connect_timeout timeout no_delay ignore_exc socket_module
    socket_keepalive idle intvl cnt key_prefix default_noreply allow_unicode_keys encoding tls_context max_pool_size
    max_size pool_idle_timeout idle_timeout lock_generator use_pooling hasher retry_attempts retry_timeout dead_timeout
    attempts retry_delay retry_for do_not_retry_for caches cfg_node use_vpc flags default expire`,
};

for (const [heading, names] of Object.entries(PYMEMCACHE)) {
  test(`every name of pymemcache under ${heading}`, () => {
    namesAll('from-pymemcache', heading, names.split(/\s+/));
  });
}

/** Every verb of a client, those of `meta` with it. */
function verbs(): Set<string> {
  const found = new Set<string>();
  const cache = door.createClient('127.0.0.1:1');
  for (const [start, mark] of [
    [door.FleetClient.prototype, ''],
    [cache.meta, 'meta.'],
  ] as const) {
    let prototype = start as object;
    for (; prototype !== Object.prototype; prototype = Object.getPrototypeOf(prototype) as object)
      for (const name of Object.getOwnPropertyNames(prototype)) found.add(mark + name);
  }
  return found;
}

/** Names of single calls' options, and of what is passed on to functions of the door. */
const OTHERS = `ttl noreply routeBy initial vivify flags delta mode touch writes key max attempts delayMs retryFor doNotRetryFor
  pending connections state unreadable guard health server Map Date undefined false startFakeMemcached startMemcached`;

const KNOWN: ReadonlySet<string> = new Set([
  ...verbs(),
  ...Object.keys(door),
  ...OTHERS.split(/\s+/),
  ...Object.entries(RULES).flatMap(([name, { parts = {} }]) => [
    name,
    ...Object.keys(parts).map((part) => `${name}.${part}`),
  ]),
]);

const PAGES = ['memcached', 'memjs', 'memcache-client', 'memcache', 'pymemcache'];

for (const page of PAGES.map((name) => `from-${name}`)) {
  test(`${page}.md names nothing of memvolley that is not there`, () => {
    const quoted = ['Methods', 'Options'].flatMap((heading) => quotedIn(page, heading, 1));
    const names = quoted
      .filter((code) => /^[a-z]/i.test(code) && !/^(True|False|None)$/.test(code))
      .filter(
        (code) =>
          !/^(remove|failover|default|pickle_serde|compressed_serde|cmd|ModulaHash|BroadcastHash)\b/.test(
            code,
          ),
      )
      .map((code) => /^[\w.]+/.exec(code)?.[0] ?? code);
    assert.ok(names.length > 20);
    assert.deepEqual(
      names.filter((name) => !KNOWN.has(name)),
      [],
    );
  });
}
