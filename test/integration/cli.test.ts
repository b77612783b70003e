// `npx memvolley` as it is published, against a real memcached: what it prints where, and its exit codes.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { createClient, type FleetClient } from '../../src/index.ts';
import {
  type RunningMemcached,
  startFakeMemcached,
  startMemcached,
} from '../../src/testing/index.ts';
import { type Ended, memvolley, shell, type Surroundings } from './cli-programs.ts';

const NOBODY = '127.0.0.1:1';
/** Where the machine has other things to do. */
const AT_LEISURE = ['--timeout', '20'];

function assertEnded(ended: Ended, code: number, stdout: string | RegExp, stderr: RegExp): void {
  assert.equal(ended.code, code, ended.text + ended.stderr);
  if (typeof stdout === 'string') assert.equal(ended.text, stdout);
  else assert.match(ended.text, stdout);
  assert.match(ended.stderr, stderr);
}

describe('memvolley on the command line', { timeout: 240_000 }, () => {
  let servers: RunningMemcached[] = [];
  let owner: FleetClient;

  before(async () => {
    servers = await Promise.all([startMemcached(), startMemcached()]);
    owner = createClient({ servers: [servers[0].address], timeoutMs: 20_000 });
  });

  after(async () => {
    await owner.close();
    await Promise.all(servers.map((server) => server.stop()));
  });

  const on = (line: string, surroundings: Surroundings = {}): Promise<Ended> =>
    memvolley([...line.split(' '), ...AT_LEISURE, '--servers', servers[0].address], surroundings);

  test('set and get: text, bytes and objects come back as they were', async () => {
    assertEnded(await on('set greeting hello'), 0, '', /^$/);
    assert.equal(await owner.get('greeting'), 'hello');
    assertEnded(await on('get greeting'), 0, 'hello', /^$/);

    const bytes = randomBytes(100_000);
    assertEnded(await on('set blob -', { input: bytes }), 0, '', /^$/);
    assert.deepEqual((await on('get blob')).stdout, bytes);

    assertEnded(await on('set object {"a":[1]} --json --ttl 60'), 0, '', /^$/);
    assert.deepEqual(await owner.get('object'), { a: [1] });
    assertEnded(await on('get object'), 0, '{"a":[1]}\n', /^$/);
  });

  test('get of several keys is a line each, and code 1 where one is missing', async () => {
    await owner.setMany({ a: 'x', b: Buffer.from('y'), c: { n: 1n } });
    const ended = await on('get a b c none');
    assertEnded(
      ended,
      1,
      '{"key":"a","value":"x"}\n{"key":"b","base64":"eQ=="}\n{"key":"c","value":{"n":1}}\n',
      /^memvolley: nothing is stored under 'none'\n$/,
    );
    assertEnded(await on('get none'), 1, '', /nothing is stored under 'none'/);
  });

  test('set --add and --replace, delete and touch say what was not done', async () => {
    assertEnded(await on('set once 1 --add'), 0, '', /^$/);
    assertEnded(await on('set once 2 --add'), 1, '', /something is stored there already/);
    assertEnded(await on('set never 2 --replace'), 1, '', /nothing is stored there/);
    assertEnded(await on('set k v --add --replace'), 2, '', /--add and --replace exclude/);
    assertEnded(await on('touch once 100'), 0, '', /^$/);
    const ttl = (await owner.inspect('once'))?.ttl ?? 0;
    assert.ok(ttl > 80 && ttl <= 100, String(ttl));
    assertEnded(await on('touch none 100'), 1, '', /nothing is stored under 'none'/);
    assertEnded(await on('delete once none'), 1, '', /nothing is stored under 'none'/);
    assert.equal(await owner.get('once'), undefined);
  });

  test('keys lists what is stored, by prefix and limit', async () => {
    await owner.setMany({ 'list:1': 'a', 'list:2': 'b', other: 'c', 'wide:日本': 'd' });
    const listed = await on('keys --prefix list:');
    assert.deepEqual(listed.text.trim().split('\n').toSorted(), ['list:1', 'list:2']);
    assert.equal((await on('keys --limit 2')).text.trim().split('\n').length, 2);
    const json = JSON.parse((await on('keys --prefix wide: --json')).text) as { key: string };
    assert.equal(json.key, 'wide:日本');
  });

  test('ping tells of every server, and code 3 where one does not answer', async () => {
    const ended = await on('ping --count 5 --interval 0 --json');
    const { answers, p50Ms } = JSON.parse(ended.text) as { answers: number; p50Ms: number };
    assert.equal(answers, 5);
    assert.ok(p50Ms > 0);
    const lost = await memvolley([
      ...['ping', '--count', '2', '--servers', `${servers[0].address},${NOBODY}`],
    ]);
    assertEnded(
      lost,
      3,
      /^server +answers +min +p50 +p90 +p99 +max\n.* 2\/2 /,
      /127\.0\.0\.1:1.*ECONNREFUSED/,
    );
  });

  test('stats --once and --json show what was done meanwhile', async () => {
    let going = true;
    const load = (async () => {
      while (going) await Promise.all([owner.get('greeting'), owner.get('none')]);
    })();
    const [table, json] = await Promise.all([
      on('stats --once --interval 500ms'),
      on('stats --once --interval 500ms --json'),
    ]);
    going = false;
    await load;
    assertEnded(table, 0, /^server +hits +gets\/s .*\n127\.0\.0\.1:\d+ +50 % /, /^$/);
    const [seen] = (JSON.parse(json.text) as { servers: Record<string, number>[] }).servers;
    assert.ok(seen['getsPerSecond'] > 100);
    assert.equal(seen['hitRate'], 0.5);
    const nobody = await memvolley(['stats', '--once', '--interval', '100ms', '--servers', NOBODY]);
    assertEnded(nobody, 3, /127\.0\.0\.1:1 +lost\n.*ECONNREFUSED/, /^$/);
  });

  test('servers come from the environment and a file, and else one is tried with a word', async () => {
    const { address } = servers[0];
    const env = { MEMCACHE_SERVERS: address };
    assertEnded(await memvolley(['get', 'greeting'], { env }), 0, 'hello', /^$/);
    const folder = mkdtempSync(join(tmpdir(), 'memvolley-cli-config-'));
    writeFileSync(join(folder, 'memvolley.config.json'), JSON.stringify({ servers: [address] }));
    assertEnded(await memvolley(['get', 'greeting'], { cwd: folder }), 0, 'hello', /^$/);
    rmSync(folder, { recursive: true });
    const nothing = await memvolley(['config', '--changed']);
    assertEnded(
      nothing,
      0,
      /127\.0\.0\.1:11211/,
      /^no servers are configured: trying 127\.0\.0\.1:11211/,
    );
  });

  test('whoever reads no further is no error', async () => {
    const many = Object.fromEntries(Array.from({ length: 3000 }, (_, i) => [`many:${i}`, 'x']));
    await owner.setMany(many);
    const line = `set -o pipefail; memvolley keys --servers ${servers[0].address} | head -1`;
    const ended = await shell(line);
    assertEnded(ended, 0, /^\S+\n$/, /^$/);
    const stats = await shell(
      `memvolley stats --json --interval 100ms --servers ${servers[0].address} | head -2`,
    );
    assert.equal(stats.text.trim().split('\n').length, 2);
    assert.equal(stats.stderr, '');
  });
});

describe('memvolley incr and decr', { timeout: 60_000 }, () => {
  test('incr and decr count as far as the server does', async () => {
    await using server = await startMemcached();
    const on = (line: string): Promise<Ended> =>
      memvolley([...line.split(' '), ...AT_LEISURE, '--servers', server.address]);
    assertEnded(await on('incr visits'), 1, '', /no counter under 'visits'/);
    assertEnded(await on('incr visits --initial 4'), 0, '5\n', /^$/);
    assertEnded(await on('incr visits 18446744073709551610'), 0, '18446744073709551615\n', /^$/);
    assertEnded(await on('decr visits 15'), 0, '18446744073709551600\n', /^$/);
    assertEnded(await on('delete visits'), 0, '', /^$/);
  });
});

describe('memvolley without a server of its own', { timeout: 240_000 }, () => {
  test('where says which server, and agrees with where the client goes', async () => {
    const list = '10.0.0.1,10.0.0.2';
    const client = createClient(list);
    for (const argv of [[], ['--profile', 'dalli'], ['--hash', 'maglev']]) {
      const ended = await memvolley(['where', 'user:1', '--json', '--servers', list, ...argv]);
      const { server, candidates } = JSON.parse(ended.text) as Record<string, string[] | string>;
      if (argv.length === 0) assert.equal(server, client.serverFor('user:1'));
      assert.equal(candidates[0], server);
    }
    await client.close();
    const ended = await memvolley(['where', 'user:1', '--servers', 'a,b,c', '--profile', 'php']);
    assertEnded(ended, 0, /server {6}[abc]:11211\n {2}hash {8}modula \(profile php\)\n/, /^$/);
    assert.match(ended.text, /hashed {6}'user:1' \(6 bytes\)\n {2}hash value {2}[0-9a-f]{8}\n/);
    assert.match(ended.text, /modulo 3 servers it is \d: number \d in the list\n {2}stand-ins/);
  });

  test('discover and config say what is answered, and what is in force', async () => {
    const node = await startFakeMemcached();
    node.intercept(({ verb }) =>
      verb === 'config'
        ? 'CONFIG cluster 0 42\r\n7\nmc-1|10.0.0.7|11211 mc-2|10.0.0.8|11211\n\r\nEND\r\n'
        : undefined,
    );
    const listed = await memvolley(['discover', `elasticache://${node.address}`]);
    assertEnded(listed, 0, '10.0.0.7:11211\n10.0.0.8:11211\n', /^$/);
    await node.stop();
    assertEnded(await memvolley(['discover']), 2, '', /no discovery is named/);
    const url = 'memcached://ada:secret@h1,h2/?timeoutMs=50';
    const ended = await memvolley(['config', '--changed', '--servers', url]);
    assertEnded(ended, 0, /timeoutMs +50 +URL\nauth +\[hidden\] +URL\n/, /^$/);
    assert.doesNotMatch(ended.text, /secret/);
  });

  test('what is typed wrong is one sentence on stderr, and code 2', async () => {
    for (const [line, sentence] of [
      ['gett a', "unknown command 'gett': did you mean get?"],
      ['get a --servrs x', 'unknown option --servrs: did you mean --servers?'],
      ['get', 'something is missing: memvolley get KEY...'],
      ['set a b --ttl 1.5', "--ttl takes a whole number from -1 to 2147483647; not '1.5'"],
      ['set a {x --json', 'the value is no JSON, as --json says'],
      ['incr a -- -1', "BY takes a whole number from 0 below 2^64; not '-1'"],
      ['stats --interval 1ms', /^--interval takes seconds .* from 100ms; not '1ms'$/],
    ] as const) {
      const [name, ...others] = line.split(' ');
      const ended = await memvolley([name, '--servers', NOBODY, ...others]);
      const expected = typeof sentence === 'string' ? sentence : sentence.source.slice(1, -1);
      assertEnded(ended, 2, '', typeof sentence === 'string' ? /\n$/ : new RegExp(expected));
      if (typeof sentence === 'string') assert.equal(ended.stderr, `memvolley: ${sentence}\n`);
    }
    const key = await memvolley(['get', 'a b', '--servers', NOBODY]);
    assertEnded(key, 2, '', /^memvolley: key holds the byte 0x20/);
    const profile = await memvolley(['get', 'a', '--profile', 'dali']);
    assertEnded(profile, 2, '', /profile/);
  });

  test('a server that is not there is code 3', async () => {
    const ended = await memvolley(['get', 'a', '--servers', NOBODY]);
    assertEnded(ended, 3, '', /^memvolley: .*127\.0\.0\.1:1: ECONNREFUSED\n$/);
  });

  test('help is for stdout where it is asked for, for stderr where it is not', async () => {
    assertEnded(await memvolley([]), 2, '', /^usage: memvolley COMMAND/);
    assertEnded(await memvolley(['--help']), 0, /^usage: memvolley COMMAND/, /^$/);
    assertEnded(await memvolley(['help', 'where']), 0, /^usage: memvolley where KEY/, /^$/);
    assertEnded(await memvolley(['where', '-h']), 0, /^usage: memvolley where KEY/, /^$/);
    assertEnded(await memvolley(['--version']), 0, /^memvolley \d+\.\d+\.\d+ \(node \d+/, /^$/);
    assertEnded(await memvolley(['bench']), 0, /npm run bench -- --embedded/, /^$/);
  });

  test('demo ends by itself, with memcached and without, and says which', async () => {
    const [real, embedded] = await Promise.all([
      memvolley(['demo']),
      memvolley(['demo'], { env: { MEMCACHED_BIN: '/nowhere/memcached' } }),
    ]);
    assertEnded(real, 0, /^a memcached \d\S+ was started for this on 127/, /^$/);
    assertEnded(
      embedded,
      0,
      /^no memcached was found: this runs on the in-process test server;/,
      /^$/,
    );
    assert.match(embedded.text, /no time and no rate shown here is a figure of memcached\.\n$/);
    for (const { text } of [real, embedded]) {
      assert.match(text, /20000 gets left as \d+ requests/);
      assert.match(text, /the loader ran once/);
    }
  });
});
