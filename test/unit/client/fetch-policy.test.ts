import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CallDefaults } from '../../../src/client/call-defaults.ts';
import type { FetchOptions } from '../../../src/client/fetch-options.ts';
import { FetchPolicies, FetchPolicy } from '../../../src/client/fetch-policy.ts';

const DEFAULTS: CallDefaults = { ttl: 0, ttlJitter: 0, maxTtl: undefined, emptyIsNothing: true };
const policy = (options: FetchOptions, defaults = DEFAULTS): FetchPolicy =>
  new FetchPolicy('fetch', options, defaults);

test('what it assumes', () => {
  const {
    lockMs,
    wait,
    waitMs,
    background,
    remembersNothing,
    failsWithCache,
    way,
    mayLock,
    options,
  } = policy({});
  assert.deepEqual(
    { lockMs, wait, waitMs, background, remembersNothing, failsWithCache, way, mayLock, options },
    {
      lockMs: 10_000,
      wait: 'stale',
      waitMs: 10_000,
      background: false,
      remembersNothing: false,
      failsWithCache: false,
      way: 'server',
      mayLock: true,
      options: undefined,
    },
  );
  assert.equal(policy({ lock: 3 }).waitMs, 3000);
});

test('what is asked of the server', () => {
  const flags = (options: FetchOptions): string => policy(options).ask.server.form.flags;
  assert.equal(flags({}), 'v f c t N10');
  assert.equal(flags({ lock: 2 }), 'v f c t N2');
  assert.equal(flags({ ttl: 100, staleFor: 30 }), 'v f c t N10 R30');
  assert.equal(flags({ ttl: 100, recacheBefore: 5 }), 'v f c t N10 R5');
  assert.equal(flags({ ttl: 100, staleFor: 30, recacheBefore: 5 }), 'v f c t N10 R35');
  const { lock, token } = policy({}).ask;
  assert.deepEqual([lock.form.verb, token.form.verb], ['get', 'gets']);
});

test('who gives out the leases', () => {
  const codec = { encode: () => ({ bytes: new Uint8Array(), flags: 0 }), decode: () => 1 };
  const foreign = { ...DEFAULTS, emptyIsNothing: false };
  const ways = (options: FetchOptions, defaults = DEFAULTS): unknown => {
    const { way, mayLock } = policy(options, defaults);
    return [way, mayLock];
  };
  assert.deepEqual(ways({}), ['server', true]);
  assert.deepEqual(ways({ codec: 'json' }), ['server', true]);
  assert.deepEqual(ways({ codec }), ['lock', true]);
  assert.deepEqual(ways({}, foreign), ['lock', true]);
  assert.deepEqual(ways({ lease: 'meta' }, foreign), ['server', false]);
  assert.deepEqual(ways({ lease: 'meta', codec }), ['server', false]);
  assert.deepEqual(ways({ lease: 'add' }), ['lock', false]);
});

test('how long things are stored', () => {
  const ttls = (options: FetchOptions, defaults = DEFAULTS): unknown[] => {
    const made = policy(options, defaults);
    const mark = made.remembersNothing ? made.ttlOf(undefined, 'server') : 0;
    return [made.ttlOf(1, 'server'), made.ttlOf(1, 'lock'), mark];
  };
  assert.deepEqual(ttls({}), [0, 0, 0]);
  assert.deepEqual(ttls({ ttl: 100, staleFor: 30, negativeTtl: 5 }), [130, 100, 35]);
  assert.deepEqual(
    ttls({ ttl: 100, staleFor: 30, recacheBefore: 7, negativeTtl: 5 }),
    [130, 100, 42],
  );
  assert.deepEqual(ttls({ ttl: 0, staleFor: 30 }), [0, 0, 0]);
  assert.deepEqual(ttls({ ttl: -1, staleFor: 30 }), [-1, -1, 0]);
  assert.deepEqual(ttls({ staleFor: 30 }, { ...DEFAULTS, ttl: 60 }), [90, 60, 0]);
  const date = new Date('2030-01-01');
  assert.deepEqual(ttls({ ttl: date, staleFor: 60 }), [new Date('2030-01-01T00:01:00Z'), date, 0]);
  assert.equal(policy({ ttl: 5, negativeTtl: 5 }).ttlOf(undefined, 'lock'), 5);
});

test("the client's maxTtl leaves less for old values; what is fresh comes first", () => {
  const defaults = { ...DEFAULTS, maxTtl: 100 };
  const table: [options: FetchOptions, flags: string, ttl: number][] = [
    [{ ttl: 60, staleFor: 30 }, 'v f c t N10 R30', 90],
    [{ ttl: 60, staleFor: 300 }, 'v f c t N10 R40', 100],
    [{ ttl: 600, staleFor: 30 }, 'v f c t N10', 100],
    [{ ttl: 0, staleFor: 30 }, 'v f c t N10', 100],
    [{ ttl: 600, staleFor: 30, recacheBefore: 5 }, 'v f c t N10 R5', 100],
  ];
  for (const [options, flags, ttl] of table) {
    const made = policy(options, defaults);
    assert.equal(made.ask.server.form.flags, flags);
    assert.equal(made.ttlOf(1, 'server'), ttl);
  }
  assert.throws(() => policy({ ttl: 600, recacheBefore: 100 }, defaults), /ttl of 100/);
});

test("the client's ttlJitter shortens what is fresh, and makes nothing due at once", () => {
  const defaults = { ...DEFAULTS, ttlJitter: 0.5 };
  const made = policy({ ttl: 100, staleFor: 1000, recacheBefore: 80, negativeTtl: 7 }, defaults);
  const ttls = Array.from({ length: 200 }, () => Number(made.ttlOf(1, 'server')));
  assert.ok(ttls.every((ttl) => ttl > 1080 && ttl <= 1100));
  assert.ok(new Set(ttls).size > 5);
  assert.equal(made.ttlOf(undefined, 'server'), 1087);
  const plain = Array.from({ length: 200 }, () =>
    Number(policy({ ttl: 100 }, defaults).ttlOf(1, 'lock')),
  );
  assert.ok(plain.every((ttl) => ttl >= 50 && ttl <= 100) && new Set(plain).size > 5);
});

test('what cannot be is refused, by name', () => {
  const refused: [options: unknown, message: RegExp][] = [
    [undefined, /options of fetch must be an object, not undefined/],
    [null, /options of fetch must be an object/],
    [{ ttls: 5 }, /unknown option 'ttls' of fetch: allowed are/],
    [{ initial: 5 }, /unknown option 'initial'/],
    [{ staleFor: -1 }, /option 'staleFor' of fetch must be whole seconds from 0/],
    [{ staleFor: 1.5 }, /option 'staleFor'/],
    [{ staleFor: 2_592_001 }, /option 'staleFor'/],
    [{ staleFor: 2_000_000, recacheBefore: 1_000_000 }, /'staleFor' and 'recacheBefore'.*together/],
    [{ recacheBefore: '5' }, /option 'recacheBefore'/],
    [
      { ttl: 5, recacheBefore: 5 },
      /option 'recacheBefore' of fetch must be less than the ttl of 5/,
    ],
    [{ lock: 0 }, /option 'lock' of fetch must be whole seconds from 1/],
    [{ wait: 'forever' }, /option 'wait' of fetch must be 'stale' or 'fresh' or 'never'/],
    [{ waitMs: -1 }, /option 'waitMs' of fetch must be a number of milliseconds from 0/],
    [{ waitMs: Number.NaN }, /option 'waitMs'/],
    [{ background: 1 }, /option 'background' of fetch must be true or false/],
    [{ negativeTtl: Infinity }, /option 'negativeTtl'/],
    [{ lease: 'both' }, /option 'lease' of fetch must be 'auto' or 'meta' or 'add'/],
    [{ onError: 'ignore' }, /option 'onError'/],
    [{ ttl: 1.5 }, /option 'ttl' must be whole seconds/],
    [{ ttl: '5' }, /option 'ttl'/],
    [{ signal: {} }, /option 'signal' of fetch must be an AbortSignal/],
    [{ timeoutMs: 0 }, /option 'timeoutMs'/],
    [{ codec: 7 }, /option 'codec'/],
  ];
  const policies = new FetchPolicies('fetch', { defaults: DEFAULTS });
  policies.of({});
  for (const [options, message] of refused) {
    assert.throws(() => policies.of(options as never), {
      name: 'IllegalInputError',
      code: 'ERR_MEMCACHE_OPTION',
      message,
    });
  }
});

test('the same options, in whatever object, are the same policy', () => {
  const policies = new FetchPolicies('fetch', { defaults: DEFAULTS });
  const first = policies.of({ ttl: 5, staleFor: 3 });
  assert.equal(policies.of({ ttl: 5, staleFor: 3 }), first);
  assert.equal(policies.of({ staleFor: 3, ttl: 5 }), first);
  const { signal } = new AbortController();
  assert.equal(policies.of({ ttl: 5, staleFor: 3, signal }), first);
  assert.equal(policies.of({ ttl: 5, staleFor: 3, signal: undefined }), first);
  assert.throws(() => policies.of({ ttl: 5, staleFor: 3, signal: {} as never }), /signal/);
  assert.throws(() => policies.of({ ttl: 5, staleFor: 3, other: 1 } as never), /other/);
  assert.throws(() => policies.of({ ttl: 5, stale: 3 } as never), /stale/);
});

test('other options are another policy, whichever of them differs', () => {
  const changes: FetchOptions[] = [
    { ttl: 6 },
    { staleFor: 1 },
    { recacheBefore: 1 },
    { lock: 1 },
    { wait: 'never' },
    { waitMs: 1 },
    { background: true },
    { negativeTtl: 1 },
    { lease: 'add' },
    { onError: 'throw' },
    { timeoutMs: 1 },
    { routeBy: 'r' },
    { lane: 'bulk' },
    { codec: 'json' },
  ];
  const policies = new FetchPolicies('fetch', { defaults: DEFAULTS });
  const options = { ttl: 5 };
  for (const change of changes) {
    const before = policies.of(options);
    const after = policies.of({ ...options, ...change });
    assert.notEqual(after, before, JSON.stringify(change));
    assert.notEqual(policies.of(options), after, JSON.stringify(change));
  }
  const before = policies.of(options);
  options.ttl = 7;
  assert.notEqual(policies.of(options), before, 'an object that has been changed');
  assert.equal(policies.of(options).ttlOf(1, 'lock'), 7);
});

test('what every command is given is told once', () => {
  const { options, ask } = policy({ timeoutMs: 5, routeBy: 'r', ttl: 7, lock: 3 });
  assert.deepEqual(options, { timeoutMs: 5, routeBy: 'r', lane: undefined, codec: undefined });
  assert.equal(ask.server.options, options);
});
