import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { createClient, type FleetClient } from '../../src/index.ts';
import { type RunningMemcached, startMemcached } from '../../src/testing/index.ts';

const PROGRAM = new URL('../../bench/run.js', import.meta.url).pathname;
const FOREIGN = 500;
const PATIENCE_MS = 60_000;

interface Ended {
  readonly code: number | null;
  readonly output: string;
}

/** The bench on these servers, as somebody would run it who owns them. */
class Guest {
  readonly #child: ChildProcess;
  readonly #exit: Promise<unknown[]>;
  #output = '';

  constructor(servers: readonly RunningMemcached[], folder: string, flags: readonly string[]) {
    const named = servers.flatMap(({ address }) => ['--server', address]);
    const json = ['--json', join(folder, 'guest.json')];
    this.#child = spawn(process.execPath, ['--expose-gc', PROGRAM, ...named, ...json, ...flags]);
    this.#exit = once(this.#child, 'exit');
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => (this.#output += text));
    }
  }

  interrupt(): void {
    this.#child.kill('SIGINT');
  }

  async ended(): Promise<Ended> {
    const [code] = await this.#exit;
    return { code: code as number | null, output: this.#output };
  }
}

describe('the bench as a guest', { timeout: 2 * PATIENCE_MS }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'memvolley-guest-'));
  let servers: RunningMemcached[] = [];
  let owners: FleetClient[] = [];

  before(async () => {
    servers = await Promise.all([startMemcached(), startMemcached()]);
    owners = servers.map(({ address }) => createClient({ servers: [address] }));
    for (const owner of owners) {
      const items = Array.from({ length: FOREIGN }, (_, i) => [`foreign${i}`, `value ${i}`]);
      await owner.setMany(new Map(items as [string, string][]));
    }
  });

  after(async () => {
    await Promise.all(owners.map((owner) => owner.close()));
    await Promise.all(servers.map((server) => server.stop()));
    rmSync(folder, { recursive: true });
  });

  async function figure(owner: FleetClient, name: string): Promise<number> {
    const [stats] = [...(await owner.stats()).values()];
    return Number(stats.get(name));
  }
  const stored = (): Promise<number[]> =>
    Promise.all(owners.map((owner) => figure(owner, 'cmd_set')));

  async function assertAsBefore(): Promise<void> {
    for (const owner of owners) {
      for (let i = 0; i < FOREIGN; i++) {
        assert.equal(await owner.get(`foreign${i}`), `value ${i}`);
      }
      assert.equal(await figure(owner, 'curr_items'), FOREIGN);
      assert.equal(await figure(owner, 'cmd_flush'), 0);
    }
  }

  test('leaves nothing behind and takes nothing away', async () => {
    const storedBefore = await stored();
    const few = ['--scenario', 'get,getMany', '--concurrency', '8', '--rounds', '1'];
    const { code, output } = await new Guest(servers, folder, [
      ...few,
      ...['--seconds', '0.5'],
    ]).ended();
    assert.equal(code, 0, output);
    assert.match(output, /a guest: keys begin with bench-[0-9a-f]{8}-, .*5000 operations/);
    assert.match(output, /no key that begins with bench-/);
    const storedAfter = await stored();
    storedAfter.forEach((count, i) => assert.ok(count > storedBefore[i], 'used both servers'));
    await assertAsBefore();
  });

  test('even when it is interrupted while it stores', async () => {
    const [storedBefore] = await stored();
    const guest = new Guest(servers, folder, ['--scenario', 'set', '--seconds', '60']);
    const deadline = Date.now() + PATIENCE_MS;
    while ((await figure(owners[0], 'cmd_set')) < storedBefore + 50 && Date.now() < deadline) {
      await pause(5);
    }
    guest.interrupt();
    // Impatience, while it is being tidied.
    await pause(100);
    guest.interrupt();
    const { code, output } = await guest.ended();
    assert.equal(code, 130, output);
    assert.ok((await stored())[0] > storedBefore);
    await assertAsBefore();
  });

  test('refuses what would start and stop servers, and what has a speed of its own', async () => {
    const never = await new Guest(servers, folder, ['--scenario', 'get,fleet,incast']).ended();
    assert.equal(never.code, 1);
    assert.match(never.output, /^bench: fleet, incast would start and stop servers/m);
    const fast = await new Guest(servers, folder, ['--scenario', 'service']).ended();
    assert.equal(fast.code, 1);
    assert.match(fast.output, /^bench: service has a speed of its own/m);
    const much = await new Guest(servers, folder, ['--size', '100,2000000']).ended();
    assert.equal(much.code, 1);
    assert.match(much.output, /^bench: a guest stores 1048576 bytes: larger values/m);
  });
});
