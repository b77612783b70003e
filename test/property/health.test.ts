// The breaker's own failures: whatever happens to a server, it is not kept out for long once it is well, and does not
// go in and out all the time.
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import * as fc from 'fast-check';
import { MemcacheConnectionError } from '../../src/errors.ts';
import { Health, HEALTH_DEFAULTS, type HealthOptions } from '../../src/server/health.ts';
import { runs } from '../support/runs.ts';

const LOST = new MemcacheConnectionError('ERR_MEMCACHE_CONNECTION_LOST', 'lost');
const STEP_MS = 10;
/** What a question takes where nobody answers it. */
const PROBE_TIMEOUT_MS = 1000;
const MINUTE_MS = 60_000;

/** How a server is for some time; what callers meet there in one step. */
interface Phase {
  readonly what: 'well' | 'gone' | 'silent' | 'failing now and then';
  readonly ms: number;
}

const phases = (longestMs: number): fc.Arbitrary<Phase[]> =>
  fc.array(
    fc.record({
      what: fc.constantFrom<Phase['what'][]>('well', 'gone', 'silent', 'failing now and then'),
      ms: fc.integer({ min: STEP_MS, max: longestMs }),
    }),
    { minLength: 1, maxLength: 40 },
  );

/** A server, its callers and their clock, all of them simulated. */
class World {
  now = 0;
  readonly changes: { readonly state: string; readonly at: number }[] = [];
  readonly health: Health;
  readonly #t: TestContext;
  #what: Phase['what'] = 'well';
  #probe: { readonly settleAt: number; answer(): void; fail(): void } | undefined;

  constructor(t: TestContext, random: number, options: Partial<HealthOptions> = {}) {
    t.mock.timers.enable({ apis: ['setTimeout'] });
    this.#t = t;
    this.health = new Health(
      { ...HEALTH_DEFAULTS, ...options },
      {
        changed: (state) => void this.changes.push({ state, at: this.now }),
        probe: () => this.#ask(),
      },
      { now: () => this.now, random: () => random },
    );
  }

  /** Times it was taken out since then. */
  outsIn(from: number, to: number): number {
    return this.changes.filter(({ state, at }) => state === 'down' && at >= from && at < to).length;
  }

  async pass({ what, ms }: Phase): Promise<void> {
    this.#what = what;
    for (const end = this.now + ms; this.now < end;) await this.#step();
  }

  end(): void {
    this.health.close();
    this.#t.mock.timers.reset();
  }

  async #step(): Promise<void> {
    this.now += STEP_MS;
    this.#t.mock.timers.tick(STEP_MS);
    const probe = this.#probe;
    if (probe !== undefined && this.now >= probe.settleAt) {
      this.#probe = undefined;
      if (this.#isReachable) probe.answer();
      else probe.fail();
      for (let i = 0; i < 4; i++) await Promise.resolve();
    }
    if (!this.health.out) this.#call();
  }

  /** What callers meet. */
  #call(): void {
    const fails = this.#what === 'failing now and then' && this.now % 100 === 0;
    if (this.#what === 'gone' || fails) this.health.failed(LOST);
    else if (this.#what === 'silent') this.health.late(LOST, { silentMs: 100, arriving: false });
    else this.health.served();
  }

  get #isReachable(): boolean {
    return this.#what === 'well' || this.#what === 'failing now and then';
  }

  #ask(): Promise<void> {
    assert.equal(this.#probe, undefined, 'one question at a time');
    const takes = this.#isReachable ? STEP_MS : this.#what === 'gone' ? 0 : PROBE_TIMEOUT_MS;
    return new Promise((answer, refuse) => {
      this.#probe = { settleAt: this.now + takes, answer, fail: () => refuse(LOST) };
    });
  }
}

/** Tries worlds of which each ends before the next begins. */
const inWorlds = async <A>(
  t: TestContext,
  histories: fc.Arbitrary<A>,
  check: (world: World, history: A) => Promise<void>,
  options?: Partial<HealthOptions>,
): Promise<void> => {
  const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
  await fc.assert(
    fc.asyncProperty(random, histories, async (dice, history) => {
      const world = new World(t, dice, options);
      try {
        await check(world, history);
      } finally {
        world.end();
      }
    }),
    runs(30),
  );
};

test('whatever there was, a server that is well is back within deadTimeoutMs and one question, and stays', async (t) => {
  await inWorlds(t, phases(20_000), async (world, history) => {
    for (const phase of history) await world.pass(phase);
    const { deadTimeoutMs } = HEALTH_DEFAULTS;
    await world.pass({ what: 'well', ms: PROBE_TIMEOUT_MS + deadTimeoutMs + 3 * STEP_MS });
    assert.equal(world.health.out, false);
    // A suspect is up with its next look.
    await world.pass({ what: 'well', ms: 100 + HEALTH_DEFAULTS.probeMs });
    const before = world.changes.length;
    await world.pass({ what: 'well', ms: MINUTE_MS });
    assert.deepEqual([world.health.state, world.changes.length], ['up', before]);
  });
});

test('a server that is well changes nothing, whatever its large values take', async (t) => {
  await inWorlds(t, fc.array(fc.integer({ min: 10, max: 3000 })), async (world, pauses) => {
    for (const ms of pauses) {
      await world.pass({ what: 'well', ms });
      world.health.late(LOST, { silentMs: 0, arriving: true });
      world.health.late(LOST, { silentMs: 0, arriving: false });
    }
    assert.deepEqual(world.changes, []);
  });
});

test('failures with answers between them, no more than errorLimit in the window, take nobody out', async (t) => {
  const { errorLimit, errorWindowMs } = HEALTH_DEFAULTS;
  const least = Math.ceil(errorWindowMs / errorLimit / STEP_MS) * STEP_MS;
  const pauses = fc.array(fc.integer({ min: least, max: 3 * least }), { maxLength: 60 });
  await inWorlds(t, pauses, async (world, apart) => {
    for (const ms of apart) {
      await world.pass({ what: 'well', ms });
      world.health.failed(LOST);
    }
    assert.equal(world.outsIn(0, Infinity), 0);
  });
});

test('a server that comes and goes is taken out a dozen times a minute at most', async (t) => {
  await inWorlds(t, phases(15_000), async (world, history) => {
    for (const phase of history) await world.pass(phase);
    for (const { at } of world.changes) assert.ok(world.outsIn(at, at + MINUTE_MS) <= 13);
  });
});

test('a mere answer to the question is no service: asked and answered, it is tried less and less often', async (t) => {
  const world = new World(t, 0.5);
  // There for questions, gone for everybody else.
  for (let i = 0; i < 60_000 / STEP_MS; i++)
    await world.pass({ what: world.health.out ? 'well' : 'gone', ms: STEP_MS });
  assert.ok(world.outsIn(0, MINUTE_MS) <= 11, `${world.outsIn(0, MINUTE_MS)} times`);
  assert.ok(world.outsIn(0, MINUTE_MS) >= 5, 'and yet it is tried');
  world.end();
});
