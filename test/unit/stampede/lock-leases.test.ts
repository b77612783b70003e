import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  answered,
  SimulatedCache,
  SimulatedClock,
  SimulatedProcess,
  watched,
} from './simulated.ts';

interface Lab {
  readonly cache: SimulatedCache;
  readonly clock: SimulatedClock;
  readonly here: SimulatedProcess;
  readonly elsewhere: SimulatedProcess;
}

function lab(random?: () => number): Lab {
  const clock = new SimulatedClock(random);
  const cache = new SimulatedCache(clock);
  const [here, elsewhere] = [0, 1].map(() => new SimulatedProcess(cache, false));
  return { cache, clock, here, elsewhere };
}

const loader =
  (clock: SimulatedClock, value: string, ms = 1000) =>
  async (): Promise<string> => {
    await clock.sleep(ms);
    return value;
  };

test('one of all who miss loads; the others wait for its value', async () => {
  const { cache, clock, here, elsewhere } = lab();
  const load = loader(clock, 'loaded');
  const callers = [here, here, elsewhere, elsewhere].map((one) => watched(one.fetch({ load })));
  await clock.advance(1250);
  assert.deepEqual(callers, answered('loaded', 4));
  assert.equal(here.loads + elsewhere.loads, 1);
  assert.equal(cache.item('k')?.value, 'loaded');
  assert.equal(cache.item('k:lock'), undefined);
  assert.equal(await here.fetch(), 'loaded');
  assert.equal(cache.log.filter((name) => name === 'lock').length < 30, true);
});

test('who gets the lock when the value has just come does not load', async () => {
  const { cache, clock, here } = lab();
  const port = { put: false };
  const read = cache.read.bind(cache);
  cache.read = (key) => {
    const look = read(key);
    // Between the miss and the lock.
    if (!port.put) {
      port.put = true;
      cache.put('k', 'from elsewhere', 100);
    }
    return look;
  };
  assert.deepEqual(await Promise.all([here.fetch(), here.fetch()]), [
    'from elsewhere',
    'from elsewhere',
  ]);
  assert.equal(here.loads, 0);
  await clock.advance(0);
  assert.equal(cache.item('k:lock'), undefined);
});

test('a winner that dies is waited for as long as its lock lasts', async () => {
  const { cache, clock, here, elsewhere } = lab();
  elsewhere.fetch({ load: loader(clock, 'never', 1e9) }).catch(() => {});
  await clock.advance(0);
  const caller = watched(here.fetch({ terms: { waitMs: 20_000 } }));
  await clock.advance(9_990);
  assert.equal(caller.state, 'pending');
  await clock.advance(260);
  assert.equal(caller.value, 'loaded');
  assert.equal(cache.item('k')?.value, 'loaded');
});

test('what somebody else stored meanwhile is not replaced', async () => {
  const { cache, clock, here } = lab();
  const caller = watched(here.fetch({ load: loader(clock, 'loaded') }));
  await clock.advance(500);
  cache.put('k', 'newer', 100);
  await clock.advance(500);
  assert.equal(caller.value, 'loaded');
  assert.equal(cache.item('k')?.value, 'newer');
  assert.equal(cache.item('k:lock'), undefined);
});

test('who has lost the lock stores nothing, and leaves the lock of another alone', async () => {
  for (const load of ['fills', 'fails'] as const) {
    const { cache, clock, here } = lab();
    const caller = watched(
      here.fetch({
        load: async () => {
          await clock.sleep(1000);
          if (load === 'fails') throw new Error('no');
          return 'loaded';
        },
      }),
    );
    await clock.advance(500);
    // Invalidated, and fetched anew.
    cache.remove('k');
    cache.put('k:lock', 'another', 10);
    await clock.advance(500);
    assert.equal(caller.state, load === 'fails' ? 'rejected' : 'answered');
    assert.equal(cache.item('k'), undefined);
    assert.equal(cache.item('k:lock')?.value, 'another');
  }
});

test('a loader that fails, or finds nothing, lets go of the lock', async () => {
  const { cache, clock, here, elsewhere } = lab();
  const fails = async (): Promise<never> => {
    throw new Error('no');
  };
  const failed = watched(here.fetch({ load: fails }));
  const other = watched(elsewhere.fetch());
  await clock.advance(250);
  assert.equal(failed.state, 'rejected');
  assert.equal(other.value, 'loaded');
  cache.remove('k');
  assert.equal(await here.fetch({ load: () => undefined }), undefined);
  await clock.advance(0);
  assert.equal(cache.item('k:lock'), undefined);
  const terms = { remembersNothing: true };
  assert.equal(await here.fetch({ load: () => undefined, terms }), undefined);
  await clock.advance(0);
  assert.equal(cache.item('k')?.kind, 'nothing');
  assert.equal(await elsewhere.fetch({ load: () => 'not asked' }), undefined);
});

test('what cannot be read is replaced, if it is still the same', async () => {
  for (const changed of [false, true]) {
    const { cache, clock, here } = lab();
    cache.put('k', undefined, 100, 'unreadable');
    const caller = watched(here.fetch({ load: loader(clock, 'readable') }));
    await clock.advance(500);
    if (changed) cache.put('k', 'newer', 100);
    await clock.advance(500);
    assert.equal(caller.value, 'readable');
    assert.equal(cache.item('k')?.value, changed ? 'newer' : 'readable');
  }
});

test("'never' loads for itself without storing", async () => {
  const { cache, clock, here, elsewhere } = lab();
  elsewhere.fetch({ load: loader(clock, 'elsewhere') }).catch(() => {});
  await clock.advance(0);
  assert.equal(await here.fetch({ terms: { wait: 'never' } }), 'loaded');
  await clock.advance(1000);
  assert.equal(cache.item('k')?.value, 'elsewhere');
});
