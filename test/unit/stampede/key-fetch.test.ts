import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { IllegalInputError, MemcacheError } from '../../../src/errors.ts';
import type { Terms } from '../../../src/stampede/terms.ts';
import {
  answered,
  type Fetch,
  SimulatedCache,
  SimulatedClock,
  SimulatedProcess,
  type Times,
  watched,
} from './simulated.ts';

const SECOND = 1000;
const WAITS = Symbol('waits');

interface Lab {
  readonly cache: SimulatedCache;
  readonly clock: SimulatedClock;
  readonly here: SimulatedProcess;
  readonly elsewhere: SimulatedProcess;
}

function lab(leases = true, random?: () => number): Lab {
  const clock = new SimulatedClock(random);
  const cache = new SimulatedCache(clock);
  const [here, elsewhere] = [0, 1].map(() => new SimulatedProcess(cache, leases));
  return { cache, clock, here, elsewhere };
}

/** Another process has won and takes its time. */
async function loadsElsewhere(
  { elsewhere, clock }: Lab,
  ms: number,
  fetch: Fetch = {},
): Promise<void> {
  const load = async (): Promise<string> => {
    await clock.sleep(ms);
    return 'elsewhere';
  };
  elsewhere.fetch({ load, ...fetch }).catch(() => {});
  await clock.advance(0);
}

const STALE: Partial<Times> = { ttl: 100, staleFor: 50, recacheBefore: 10 };

/** How an item stands when it is fetched. */
const SITUATIONS: Record<string, (cache: SimulatedCache) => void> = {
  missing: () => {},
  fresh: (cache) => cache.put('k', 'old', 150),
  early: (cache) => cache.put('k', 'old', 55),
  stale: (cache) => cache.put('k', 'old', 40),
  invalidated: (cache) => {
    cache.put('k', 'old', 150);
    cache.spoil('k', 50);
  },
  'a stale mark of nothing': (cache) => cache.put('k', undefined, 40, 'nothing'),
  'an invalidated placeholder': (cache) => {
    cache.put('k', undefined, 10, 'empty');
    cache.spoil('k', 50);
  },
};

describe('who has won', () => {
  // Whether there is something to load, and what there is at once: for the winner with `background`, and for others.
  const TABLE: Record<string, { loads: boolean; old: unknown }> = {
    missing: { loads: true, old: WAITS },
    fresh: { loads: false, old: 'old' },
    early: { loads: true, old: 'old' },
    stale: { loads: true, old: 'old' },
    invalidated: { loads: true, old: 'old' },
    'a stale mark of nothing': { loads: true, old: undefined },
    'an invalidated placeholder': { loads: true, old: WAITS },
  };
  for (const [situation, make] of Object.entries(SITUATIONS)) {
    for (const background of [false, true]) {
      for (const shared of [false, true]) {
        const how = `background ${background}, answers ${shared ? 'shared' : 'one by one'}`;
        test(`${situation}, ${how}`, async () => {
          const { cache, clock, here } = lab();
          make(cache);
          const { loads, old } = TABLE[situation];
          const load = async (): Promise<string> => {
            await clock.sleep(SECOND);
            return 'loaded';
          };
          const fetch = { terms: { background }, times: STALE, load };
          const callers = (
            shared ? here.fetches(3, fetch) : [0, 1, 2].map(() => here.fetch(fetch))
          ).map(watched);
          await clock.advance(0);
          const now = callers.map(({ state, value }) => (state === 'pending' ? WAITS : value));
          const winner = loads && !background ? WAITS : old;
          assert.deepEqual(now, [winner, old, old]);
          await clock.advance(SECOND + 1);
          const then = callers.map(({ value }) => value);
          assert.deepEqual(
            then,
            now.map((value) => (value === WAITS ? 'loaded' : value)),
          );
          assert.equal(here.loads, loads ? 1 : 0);
          assert.equal(cache.item('k')?.value, loads ? 'loaded' : 'old');
          assert.equal(here.room.flights.size, 0);
          assert.deepEqual(await here.fetch(fetch), loads ? 'loaded' : 'old');
        });
      }
    }
  }
});

describe('who has not', () => {
  // What is answered at once (or that it waits, or loads for itself), by `wait`.
  type Outcome = 'old' | 'waits' | 'own' | 'nothing';
  const TABLE: Record<string, Record<Terms['wait'], Outcome>> = {
    missing: { stale: 'waits', fresh: 'waits', never: 'own' },
    early: { stale: 'old', fresh: 'old', never: 'old' },
    stale: { stale: 'old', fresh: 'waits', never: 'old' },
    invalidated: { stale: 'old', fresh: 'waits', never: 'old' },
    'a stale mark of nothing': { stale: 'nothing', fresh: 'waits', never: 'nothing' },
    'an invalidated placeholder': { stale: 'waits', fresh: 'waits', never: 'own' },
  };
  for (const [situation, outcomes] of Object.entries(TABLE)) {
    for (const [wait, outcome] of Object.entries(outcomes) as [Terms['wait'], Outcome][]) {
      test(`${situation}, wait '${wait}': ${outcome}`, async () => {
        const given = lab();
        const { cache, clock, here } = given;
        SITUATIONS[situation](cache);
        await loadsElsewhere(given, 2 * SECOND, { times: STALE });
        const caller = watched(here.fetch({ terms: { wait }, times: STALE }));
        await clock.advance(0);
        const atOnce = { old: 'old', nothing: undefined, own: 'loaded', waits: undefined }[outcome];
        assert.deepEqual(caller, {
          state: outcome === 'waits' ? 'pending' : 'answered',
          value: atOnce,
        });
        await clock.advance(2 * SECOND + 250);
        if (outcome === 'waits') assert.equal(caller.value, 'elsewhere');
        assert.equal(
          cache.item('k')?.value,
          'elsewhere',
          'what was loaded without a lease is not stored',
        );
        assert.equal(here.loads, outcome === 'own' ? 1 : 0);
      });
    }
  }
});

test('those who wait ask together, again and again, and are all answered by one load', async () => {
  const given = lab();
  const { cache, clock, here, elsewhere } = given;
  await loadsElsewhere(given, 3 * SECOND);
  const callers = Array.from({ length: 20 }, () => watched(here.fetch()));
  await clock.advance(2999);
  const rounds = cache.log.filter((name) => name === 'look').length / 20;
  assert.ok(rounds > 5 && rounds < 40, `${rounds} looks for each`);
  assert.equal(clock.pending, 2, 'one pause for all, and the loader');
  await clock.advance(251);
  assert.deepEqual(callers, answered('elsewhere', 20));
  assert.deepEqual([here.loads, elsewhere.loads], [0, 1]);
});

test('waiting ends: each process loads once for itself, and does not store', async () => {
  const given = lab();
  const { cache, clock, here } = given;
  await loadsElsewhere(given, 5 * SECOND);
  const terms = { waitMs: 300 };
  const callers = [here.fetch({ terms }), here.fetch({ terms })].map(watched);
  await clock.advance(299);
  assert.deepEqual(
    callers.map(({ state }) => state),
    ['pending', 'pending'],
  );
  await clock.advance(2);
  assert.deepEqual(callers, answered('loaded', 2));
  assert.equal(here.loads, 1);
  assert.equal(cache.item('k')?.kind, 'empty');
  const hasty = await here.fetch({ terms: { waitMs: 0 }, load: () => 'hasty' });
  assert.equal(hasty, 'hasty');
  await clock.advance(5 * SECOND);
  assert.equal(cache.item('k')?.value, 'elsewhere');
});

describe('a winner that dies', () => {
  test('before there was a value: its placeholder ends, one other loads', async () => {
    const given = lab();
    const { cache, clock, here } = given;
    await loadsElsewhere(given, 1000 * SECOND);
    const callers = [here.fetch(), here.fetch()].map(watched);
    await clock.advance(9_900);
    assert.equal(here.loads, 0);
    await clock.advance(350);
    assert.deepEqual(callers, answered('loaded', 2));
    assert.equal(here.loads, 1);
    assert.equal(cache.item('k')?.value, 'loaded', 'stored under its own lease');
  });

  for (const situation of ['early', 'stale', 'invalidated', 'an invalidated placeholder']) {
    test(`${situation}: somebody else notices, and only one takes its place`, async () => {
      const given = lab(true, Math.random);
      const { cache, clock } = given;
      SITUATIONS[situation](cache);
      await loadsElsewhere(given, 1000 * SECOND, { times: STALE });
      const others = Array.from({ length: 8 }, () => new SimulatedProcess(cache));
      const load = async (): Promise<string> => {
        await clock.sleep(100);
        return 'loaded';
      };
      const wait = situation === 'an invalidated placeholder' ? { waitMs: 30_000 } : {};
      // Nobody can be had for a new value who has not seen the old one for as long as a winner may take.
      for (let tenth = 0; tenth < 160; tenth++) {
        for (const other of others)
          other.fetch({ times: STALE, load, terms: wait }).catch(() => {});
        await clock.advance(100);
        if (tenth < 99) assert.equal(cache.item('k')?.value === 'loaded', false, `after ${tenth}`);
      }
      assert.equal(cache.item('k')?.value, 'loaded');
      const loads = others.reduce((sum, other) => sum + other.loads, 0);
      assert.equal(loads, 1);
    });
  }

  test('who waits for what is fresh takes its place when the wait is over', async () => {
    const given = lab();
    const { cache, clock, here } = given;
    SITUATIONS['stale'](cache);
    await loadsElsewhere(given, 1000 * SECOND, { times: STALE });
    const caller = watched(here.fetch({ terms: { wait: 'fresh' }, times: STALE }));
    await clock.advance(9_990);
    assert.equal(caller.state, 'pending');
    await clock.advance(20);
    assert.equal(caller.value, 'loaded');
    assert.equal(cache.item('k')?.value, 'loaded');
  });

  test('one that is alive in this process is not replaced, however slow', async () => {
    const { cache, clock, here } = lab();
    SITUATIONS['stale'](cache);
    const load = async (): Promise<string> => {
      await clock.sleep(30 * SECOND);
      return 'slow';
    };
    const slow = watched(here.fetch({ times: STALE, load }));
    for (let i = 0; i < 29; i++) {
      await clock.advance(SECOND);
      assert.equal(await here.fetch({ times: STALE }), 'old');
    }
    await clock.advance(2 * SECOND);
    assert.equal(slow.value, 'slow');
    assert.equal(here.loads, 1);
    assert.ok(!cache.log.includes('lock'));
  });
});

describe('what changes during a load', () => {
  const CHANGES: Record<string, [change: (cache: SimulatedCache) => void, left: unknown]> = {
    removed: [(cache) => cache.remove('k'), undefined],
    invalidated: [(cache) => cache.spoil('k', 30), undefined],
    replaced: [(cache) => cache.put('k', 'newer', 100), 'newer'],
  };
  for (const [name, [change, left]] of Object.entries(CHANGES)) {
    test(`${name}: what was loaded is answered and not stored`, async () => {
      const { cache, clock, here } = lab();
      const load = async (): Promise<string> => {
        await clock.sleep(SECOND);
        return 'older';
      };
      const caller = watched(here.fetch({ load }));
      await clock.advance(500);
      change(cache);
      await clock.advance(500);
      assert.equal(caller.value, 'older');
      assert.equal(cache.item('k')?.value, left);
      assert.deepEqual(here.failures, []);
    });
  }

  test('who comes after it shares nothing with who came before', async () => {
    const { cache, clock, here } = lab();
    let truth = 'older';
    const load = async (): Promise<string> => {
      const read = truth;
      await clock.sleep(SECOND);
      return read;
    };
    const before = watched(here.fetch({ load }));
    await clock.advance(500);
    truth = 'newer';
    cache.remove('k');
    const after = watched(here.fetch({ load }));
    await clock.advance(500);
    assert.deepEqual([before.value, after.value], ['older', undefined]);
    await clock.advance(500);
    assert.equal(after.value, 'newer');
    assert.equal(cache.item('k')?.value, 'newer');
    assert.equal(here.loads, 2);
  });
});

describe('a loader that fails', () => {
  const fails = (): never => {
    throw new Error('no');
  };

  test('fails all who share it, and the next one loads', async () => {
    const given = lab();
    const { cache, clock, here, elsewhere } = given;
    const callers = [here.fetch({ load: fails }), here.fetch({ load: fails })].map(watched);
    const other = watched(elsewhere.fetch());
    await clock.advance(250);
    for (const { state, value } of callers) {
      assert.equal(state, 'rejected');
      assert.equal((value as Error).message, 'no');
    }
    assert.equal(here.loads, 1);
    assert.equal(other.value, 'loaded', 'who waited for it elsewhere');
    assert.deepEqual(
      cache.log.filter((name) => /remove|spoil/.test(name)),
      ['remove'],
    );
  });

  for (const situation of ['early', 'stale', 'invalidated']) {
    test(`${situation}: the old value stays, and the next one wins`, async () => {
      const { cache, here, elsewhere } = lab();
      SITUATIONS[situation](cache);
      await assert.rejects(here.fetch({ load: fails, times: STALE }), { message: 'no' });
      assert.equal(cache.item('k')?.value, 'old');
      assert.ok((cache.item('k')?.ends ?? 0) > 0);
      assert.equal(await elsewhere.fetch({ times: STALE, terms: { background: true } }), 'old');
      await cache.clock.advance(0);
      assert.equal(cache.item('k')?.value, 'loaded');
    });
  }

  test('behind an answer it goes to the event, once', async () => {
    const { cache, clock, here } = lab();
    SITUATIONS['stale'](cache);
    const fetch = { load: fails, times: STALE, terms: { background: true } };
    const answers = await Promise.all(here.fetches(2, fetch));
    assert.deepEqual(answers, ['old', 'old']);
    await clock.advance(0);
    assert.deepEqual(
      here.failures.map((error) => (error as Error).message),
      ['no'],
    );
  });
});

describe('a loader that finds nothing', () => {
  test('is asked again unless that is remembered', async () => {
    const { cache, here, elsewhere } = lab();
    const load = (): undefined => undefined;
    assert.equal(await here.fetch({ load }), undefined);
    await cache.clock.advance(0);
    assert.equal(cache.item('k'), undefined);
    const terms = { remembersNothing: true };
    assert.equal(await here.fetch({ load, terms }), undefined);
    await cache.clock.advance(0);
    assert.equal(cache.item('k')?.kind, 'nothing');
    assert.equal(await elsewhere.fetch({ load: () => 'not asked' }), undefined);
    assert.deepEqual([here.loads, elsewhere.loads], [2, 0]);
  });

  test('removes what was there before', async () => {
    const { cache, here } = lab();
    SITUATIONS['stale'](cache);
    assert.equal(await here.fetch({ load: () => undefined, times: STALE }), undefined);
    await cache.clock.advance(0);
    assert.equal(cache.item('k'), undefined);
  });
});

describe('a cache that fails', () => {
  const lost = new MemcacheError('ERR_MEMCACHE_CONNECTION_LOST', 'lost');

  test('is replaced by the loader, with an event for each caller and one load', async () => {
    const { cache, here } = lab();
    cache.failure = lost;
    const load = async (): Promise<string> => {
      await cache.clock.sleep(10);
      return 'loaded';
    };
    const callers = [here.fetch({ load }), here.fetch({ load })].map(watched);
    await cache.clock.advance(10);
    assert.deepEqual(callers, answered('loaded', 2));
    assert.deepEqual(here.guards, [lost, lost]);
    assert.equal(here.loads, 1);
    assert.equal(cache.log.includes('replace'), false);
  });

  test('fails the caller who wants to know', async () => {
    const { cache, here } = lab();
    cache.failure = lost;
    await assert.rejects(here.fetch({ terms: { failsWithCache: true } }), lost);
    assert.equal(here.loads, 0);
  });

  test('is not to blame for what the caller did', async () => {
    for (const error of [
      new IllegalInputError('ERR_MEMCACHE_UNSUPPORTED', 'no'),
      new MemcacheError('ERR_MEMCACHE_ABORTED', 'aborted'),
      new MemcacheError('ERR_MEMCACHE_CLOSED', 'closed'),
    ]) {
      const { cache, here } = lab();
      cache.failure = error;
      await assert.rejects(here.fetch(), error);
      assert.equal(here.loads, 0);
    }
  });

  test('while somebody waits ends the wait', async () => {
    const given = lab();
    const { cache, clock, here } = given;
    await loadsElsewhere(given, 1000 * SECOND);
    const caller = watched(here.fetch());
    await clock.advance(100);
    cache.failure = lost;
    await clock.advance(250);
    assert.equal(caller.value, 'loaded');
    assert.deepEqual(here.guards, [lost]);
  });

  test('when a value is to be stored is no caller’s affair', async () => {
    const { cache, clock, here } = lab();
    const load = async (): Promise<string> => {
      cache.failure = lost;
      return 'loaded';
    };
    assert.equal(await here.fetch({ load }), 'loaded');
    await clock.advance(0);
    assert.deepEqual(here.failures, [lost]);
    assert.equal(here.room.flights.size, 0);
  });
});

test('a value that cannot be read is renewed by one, without waiting for anybody to give up', async () => {
  const given = lab();
  const { cache, clock, here, elsewhere } = given;
  cache.put('k', undefined, 100, 'unreadable');
  const load = async (): Promise<string> => {
    await clock.sleep(SECOND);
    return 'readable';
  };
  const callers = [here, here, elsewhere, elsewhere].map((one) => watched(one.fetch({ load })));
  await clock.advance(SECOND + 250);
  assert.deepEqual(callers, answered('readable', 4));
  assert.equal(here.loads + elsewhere.loads, 1);
  assert.equal(cache.item('k')?.value, 'readable');
});

test('a caller who has gone asks no more', async () => {
  const given = lab();
  const { cache, clock, here } = given;
  await loadsElsewhere(given, 1000 * SECOND);
  const controller = new AbortController();
  watched(here.fetch({ signal: controller.signal }));
  await clock.advance(50);
  controller.abort();
  await clock.advance(250);
  const looks = cache.log.length;
  await clock.advance(5 * SECOND);
  assert.equal(cache.log.length, looks);
  assert.equal(here.loads, 0);
});

test('a server without room for a placeholder costs one load in each process', async () => {
  const { cache, here } = lab();
  cache.look = () => cache.read('k');
  assert.deepEqual(await Promise.all([here.fetch(), here.fetch()]), ['loaded', 'loaded']);
  assert.equal(here.loads, 1);
  await cache.clock.advance(0);
  assert.equal(cache.item('k')?.value, 'loaded');
});

test('many processes, a slow loader and chance: one load for each expiry', async () => {
  const clock = new SimulatedClock(Math.random);
  const cache = new SimulatedCache(clock);
  const processes = Array.from({ length: 5 }, () => new SimulatedProcess(cache));
  const waits: number[] = [];
  const times = { ttl: 3, staleFor: 0, recacheBefore: 0, lock: 2 };
  const load = async (): Promise<string> => {
    await clock.sleep(300);
    return 'v';
  };
  for (let ms = 0; ms < 20_000; ms += 10) {
    for (const one of processes) {
      const began = clock.now();
      one.fetch({ times, load }).then(
        () => waits.push(clock.now() - began),
        (error: unknown) => {
          throw error;
        },
      );
    }
    await clock.advance(10);
  }
  await clock.advance(SECOND);
  const loads = processes.reduce((sum, one) => sum + one.loads, 0);
  assert.equal(loads, Math.ceil(20_000 / 3_300));
  assert.equal(waits.length, 10_000);
  assert.ok(Math.max(...waits) <= 300 + 250 + 10, `${Math.max(...waits)} ms`);
});
