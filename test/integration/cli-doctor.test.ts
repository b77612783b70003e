// The doctor at real servers that were started with what it warns of.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Finding } from '../../src/cli/doctor/finding.ts';
import { createClient } from '../../src/index.ts';
import { startFakeMemcached, startMemcached } from '../../src/testing/index.ts';
import { freePort } from '../../src/testing/free-port.ts';
import { memvolley } from './cli-programs.ts';

async function findings(servers: readonly string[], ...flags: readonly string[]) {
  const argv = ['doctor', '--json', '--timeout', '20', '--servers', servers.join(','), ...flags];
  const { code, text, stderr } = await memvolley(argv);
  assert.equal(stderr, '');
  const found = (JSON.parse(text) as { findings: Finding[] }).findings;
  return { code, found, checks: found.map(({ check }) => check) };
}

describe('doctor', { timeout: 120_000 }, () => {
  test('finds the flags that a server was started with', async () => {
    const args = ['-R', '10', '-C', '-M', '-o', 'idle_timeout=10,no_lru_crawler,no_slab_reassign'];
    await using server = await startMemcached({
      args: [...args, '-F'],
      maxConnections: 50,
    });
    const { code, found, checks } = await findings([server.address], '--processes', '30');
    assert.equal(code, 1);
    const expected = ['reqs-per-event', 'cas', 'no-evictions', 'idle-timeout', 'lru-crawler'];
    for (const check of [...expected, 'slab-reassign', 'flush-and-dump', 'connections', 'uptime']) {
      assert.ok(checks.includes(check), `${check} in ${checks.join()}`);
    }
    const [severest] = found;
    assert.equal(severest.check, 'connections');
    assert.match(severest.change, /^memcached -c \d+$/);
  });

  test('a server that speaks UDP is a problem', async () => {
    await using server = await startMemcached({ args: ['-U', String(await freePort())] });
    const { found } = await findings([server.address]);
    assert.deepEqual([found[0].check, found[0].severity], ['udp', 'problem']);
  });

  test('evictions of a full server', async () => {
    await using server = await startMemcached({ memoryMiB: 8, itemSizeMax: 1024 * 1024 });
    const input = Buffer.alloc(100_000, 'x');
    const client = createClient({
      servers: [server.address],
      compressor: 'none',
      timeoutMs: 20_000,
    });
    for (let i = 0; i < 200; i++) await client.set(`k${i}`, input);
    await client.close();
    const { checks } = await findings([server.address]);
    assert.ok(checks.includes('evictions'), checks.join());
  });

  test('servers that differ, one that is lost, and the order of a list that decides', async () => {
    await using one = await startMemcached({ threads: 1 });
    await using two = await startMemcached({ threads: 2, memoryMiB: 128 });
    const { code, found } = await findings(
      [one.address, two.address, '127.0.0.1:1'],
      ...['--profile', 'php'],
    );
    assert.equal(code, 1);
    const seen = (check: string): string =>
      found.find((finding) => finding.check === check)?.seen ?? '';
    assert.match(seen('reachable'), /ECONNREFUSED/);
    assert.match(seen('settings-differ'), /maxbytes: 67108864 .*num_threads: 1 .*, 2 /);
    assert.match(seen('server-order'), /hash modula of profile php/);
    assert.equal((await findings(['127.0.0.1:1'])).code, 3);
  });

  test('a clock that is wrong, at a server that can be told the time', async () => {
    const server = await startFakeMemcached();
    server.clock.advance(3600);
    const { found } = await findings([server.address]);
    const clock = found.find(({ check }) => check === 'clock');
    assert.match(clock?.seen ?? '', /^its clock is (1 h|59 min 5\d s) ahead of the one here$/);
    await server.stop();
  });

  test('for people: each finding with what to change and what it costs', async () => {
    await using server = await startMemcached({ args: ['-C'] });
    const { code, text } = await memvolley(['doctor', '--quiet', '--servers', server.address]);
    assert.equal(code, 1);
    assert.match(text, /^server +version +up +memory +p50 +p99\n/);
    assert.match(
      text,
      /\nwarning cas {2}127\.0\.0\.1:\d+\n {2}seen {4}-C\n {2}why {5}without tokens/,
    );
    assert.match(text, /\n {2}change {2}memcached without -C\n {2}costs {3}8 bytes an item\n/);
    assert.match(text, /\n0 problems, \d+ warnings? and 0 notes of \d+ checks\n$/);
    assert.ok(!text.includes('\u001b'));
  });
});
