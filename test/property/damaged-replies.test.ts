// What a server answers is damaged on its way to a client: no caller gets what is not its own, and the client gets over it.
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import * as fc from 'fast-check';
import { createClient, type FleetClient, MemcacheError } from '../../src/index.ts';
import { type FakeHook, type FakePeer, startFakeMemcached } from '../../src/testing/index.ts';
import { UNDAUNTED } from '../support/chaos-lab.ts';
import { clientOf, PATIENT } from '../support/fault-lab.ts';
import { runs } from '../support/runs.ts';
import { ANYWHERE, byteDamages, type Damage, spliceDamages } from '../support/streams.ts';

/**
 * No small damage makes one key of another or one length of another, and none at all makes of the flags of sealed text
 * those of something that is not sealed: a checksum covers key and bytes, not the flags.
 */
const VALUES: Readonly<Record<string, string>> = {
  'alpha:1': 'one '.repeat(8).padEnd(33, '.'),
  'bravo:22222': 'second '.repeat(6).padEnd(45, '.'),
  'gamma:333333333': 'the third '.repeat(5).padEnd(57, '.'),
};
const KEYS = Object.keys(VALUES);
const [A, B, C] = KEYS;

/** What of the cache a caller was given, by key. */
type Given = readonly (readonly [key: string, value: unknown])[];
type Call = (client: FleetClient) => Promise<Given>;

const nothing = (): Given => [];

const CALLS: Readonly<Record<string, Call>> = {
  get: (c) => c.get(A).then((value) => [[A, value]]),
  'get of another': (c) => c.get(C).then((value) => [[C, value]]),
  'get of what is not there': (c) => c.get('none').then((value) => [['none', value]]),
  getMany: (c) => c.getMany([A, 'none', B, C]).then((found) => [...found] as unknown as Given),
  gets: (c) => c.gets(B).then((item) => [[B, item?.value]]),
  getAndTouch: (c) => c.getAndTouch(C, 60).then((value) => [[C, value]]),
  'meta.get': (c) => c.meta.get(A).then((item) => [[A, item?.value]]),
  inspect: (c) => c.inspect(B, { value: true }).then((item) => [[B, item?.value]]),
  set: (c) => c.set('stored', 'x').then(nothing),
  'meta.set': (c) => c.meta.set('stored:too', 'y').then(nothing),
  delete: (c) => c.delete('none').then(nothing),
  touch: (c) => c.touch('alpha:1', 60).then(nothing),
};

interface Case {
  readonly calls: readonly string[];
  readonly damage: Damage;
  /** A few bytes, nothing that is moved. */
  readonly small: boolean;
}

const cases: fc.Arbitrary<Case> = fc
  .tuple(
    fc.shuffledSubarray(Object.keys(CALLS), { minLength: 1 }),
    fc.oneof(
      byteDamages(ANYWHERE).map((damage) => ({ damage, small: true })),
      spliceDamages(ANYWHERE).map((damage) => ({ damage, small: false })),
    ),
  )
  .map(([calls, harm]) => ({ calls, ...harm }));

/** Asked of a new connection, by nobody but the client itself. */
const OF_THE_CLIENT: ReadonlySet<string> = new Set(['version', 'stats', 'mn']);

/** Longer than what was sent in one moment takes to come. */
const GATHER_MS = 3;

/** Does harm to what the server says in one moment, once. */
function harming(damage: Damage): FakeHook {
  const gathered = new Map<FakePeer, Buffer[]>();
  let done = false;
  const flush = (peer: FakePeer): void => {
    const said = Buffer.concat(gathered.get(peer) ?? []);
    gathered.delete(peer);
    peer.write(done ? said : damage(said));
    done = true;
  };
  return ({ verb }, peer) => {
    if (done || OF_THE_CLIENT.has(verb)) return undefined;
    const before = gathered.get(peer);
    if (before === undefined) setTimeout(() => flush(peer), GATHER_MS);
    gathered.set(peer, [...(before ?? []), peer.usual()]);
    return '';
  };
}

/** Each connection that was given up was so by one guard, which was told once and counted once. */
function assertCounted(client: FleetClient, { desyncs, sockets }: Counts): void {
  const guards = Object.values(client.metrics().guards).reduce((sum, count) => sum + count, 0);
  // The last one is in use.
  assert.deepEqual({ desyncs, guards }, { desyncs: sockets - 1, guards: sockets - 1 });
}

/** What it is given before long is right again; until then it is nothing else's. */
async function recovers(client: FleetClient, check: (given: Given) => void): Promise<void> {
  const giveUp = performance.now() + 20_000;
  for (;;) {
    const found = await client.getMany(KEYS, PATIENT).catch((error: unknown) => error);
    if (found instanceof Map) {
      check([...found] as Given);
      const right = KEYS.every((key) => found.get(key) === VALUES[key]);
      if (right && (await client.set('stored', 'z', PATIENT).catch(() => false))) return;
    } else assert.ok(found instanceof MemcacheError);
    assert.ok(performance.now() < giveUp, 'it does not recover');
  }
}

/** What a caller may be given. */
function checkOf(sealed: boolean, small: boolean): (given: Given) => void {
  return (given) => {
    for (const [key, value] of given) {
      if (value === undefined || value === VALUES[key]) continue;
      assert.ok(!sealed, `${key} was given ${JSON.stringify(value)}`);
      // Unsealed, a byte of a value may change unseen; and whole values may come to stand behind each other's keys.
      if (small) assert.ok(!Object.values(VALUES).includes(value as string), `${key}: another's`);
    }
  };
}

interface Counts {
  /** Events. */
  desyncs: number;
  /** Connections that have carried commands of callers. */
  readonly sockets: number;
}

async function lab(t: TestContext, options: { checksum: boolean; opaque: boolean }) {
  const server = await startFakeMemcached();
  t.after(() => server.stop());
  return async (use: (client: FleetClient, counts: Counts) => Promise<void>, hook: FakeHook) => {
    const client = createClient({
      servers: server.address,
      ...UNDAUNTED,
      ...options,
      offload: 'never',
      timeoutMs: 200,
      stallTimeoutMs: 250,
      connectTimeoutMs: 20_000,
    });
    const from = server.requests.length;
    const counts: Counts = {
      desyncs: 0,
      get sockets() {
        const asked = server.requests.slice(from).filter(({ verb }) => !OF_THE_CLIENT.has(verb));
        return new Set(asked.map(({ connection }) => connection)).size;
      },
    };
    client.on('desync', () => void counts.desyncs++);
    await client.setMany(VALUES, PATIENT);
    const heal = server.intercept(hook);
    try {
      await use(client, counts);
    } finally {
      heal();
      await client.close({ timeoutMs: 0 });
    }
  };
}

for (const checksum of [true, false]) {
  for (const opaque of [true, false]) {
    test(`answers that are damaged on their way, checksum ${checksum}, opaque ${opaque}: nobody gets what is not its own`, async (t) => {
      const run = await lab(t, { checksum, opaque });
      let desyncs = 0;
      await fc.assert(
        fc.asyncProperty(cases, async ({ calls, damage, small }) => {
          const check = checkOf(checksum, small);
          await run(async (client, counts) => {
            const settled = await Promise.allSettled(calls.map((name) => CALLS[name](client)));
            for (const outcome of settled) {
              if (outcome.status === 'fulfilled') check(outcome.value);
              else assert.ok(outcome.reason instanceof MemcacheError, String(outcome.reason));
            }
            await recovers(client, check);
            assertCounted(client, counts);
            desyncs += counts.desyncs;
          }, harming(damage));
        }),
        runs(30),
      );
      assert.ok(desyncs > 0, 'no damage was seen');
    });
  }
}

test('flags that turn into those of another kind are not seen, checksum or not', async (t) => {
  const server = await startFakeMemcached();
  t.after(() => server.stop());
  const client = clientOf(t, server.address, { checksum: true });
  await client.set('k', { text: 'of an object' });
  server.intercept(({ verb }, peer) =>
    verb === 'get' ? peer.usual().toString('latin1').replace(' 896 ', ' 128 ') : undefined,
  );
  assert.ok(Buffer.isBuffer(await client.get('k')));
});
