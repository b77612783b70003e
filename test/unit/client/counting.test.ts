import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Calls } from '../../../src/client/calls.ts';
import type { Core } from '../../../src/client/core.ts';
import { count, type Step } from '../../../src/client/counting.ts';

const LARGEST = 2n ** 64n - 1n;

interface Asked {
  readonly options: { timeoutMs: number; ttl?: number };
  readonly value?: unknown;
}

/** Calls that answer by a script: counts, and whether an `add` is stored. */
class Script {
  readonly asked: Asked[] = [];
  readonly #answers: (bigint | undefined | boolean)[];

  constructor(...answers: (bigint | undefined | boolean)[]) {
    this.#answers = answers;
  }

  askOne({ options }: Asked): Promise<unknown> {
    this.asked.push({ options });
    return Promise.resolve(this.#answers.shift());
  }

  storeOne({ value }: { value: unknown }, options: Asked['options']): Promise<unknown> {
    this.asked.push({ value, options });
    return Promise.resolve(this.#answers.shift());
  }

  run<D extends number | bigint>(step: Partial<Step<D>> & { delta: D }): Promise<unknown> {
    const deadline = (_verb: string, options: { timeoutMs?: number } | undefined): number =>
      performance.now() + (options?.timeoutMs ?? 1000);
    const core = { options: { ttl: 0 }, deadline } as unknown as Core;
    const whole = { verb: 'incr' as const, key: 'k', options: undefined, ...step };
    return count(core, this as unknown as Calls, whole);
  }
}

test('the answer is what the delta was: a number or a bigint', async () => {
  assert.equal(await new Script(7n).run({ delta: 1 }), 7);
  assert.equal(await new Script(7n).run({ delta: 1n }), 7n);
  assert.equal(await new Script(LARGEST).run({ delta: 1n }), LARGEST);
  assert.equal(await new Script(undefined).run({ delta: 1 }), undefined);
});

test('a count past 2^53 rejects a number with the exact value', async () => {
  for (const verb of ['incr', 'decr'] as const) {
    await assert.rejects(new Script(2n ** 53n).run({ verb, delta: 1 }), {
      name: 'MemcacheClientError',
      code: 'ERR_MEMCACHE_VALUE',
      command: verb,
      sent: 'yes',
      cause: 2n ** 53n,
    });
  }
});

test('a missing counter is made of initial and the delta, as the server would count', async () => {
  const cases: [Partial<Step<number | bigint>>, number | bigint, unknown, unknown][] = [
    [{ verb: 'incr', options: { initial: 10 } }, 5, 15n, 15],
    [{ verb: 'decr', options: { initial: 10 } }, 4, 6n, 6],
    [{ verb: 'decr', options: { initial: 3 } }, 4, 0n, 0],
    [{ verb: 'incr', options: { initial: LARGEST } }, 2n, 1n, 1n],
    [{ verb: 'incr', options: { initial: 2n ** 60n } }, 0n, 2n ** 60n, 2n ** 60n],
  ];
  for (const [step, delta, value, answer] of cases) {
    const script = new Script(undefined, true);
    assert.equal(await script.run({ ...step, delta }), answer);
    assert.deepEqual(
      script.asked.map((asked) => asked.value),
      [undefined, value],
    );
  }
});

test('whoever comes second to make it counts on what the first made', async () => {
  const script = new Script(undefined, false, 12n);
  assert.equal(await script.run({ delta: 1, options: { initial: 10 } }), 12);
  assert.equal(script.asked.length, 3);
});

test('all its commands share one deadline, and only the store gets the ttl', async () => {
  const script = new Script(undefined, false, 1n);
  await script.run({ delta: 1, options: { initial: 0, ttl: 60, timeoutMs: 500 } });
  for (const { options } of script.asked) {
    assert.ok(options.timeoutMs > 0 && options.timeoutMs <= 500);
    assert.ok(!('initial' in options));
  }
  assert.deepEqual(
    script.asked.map(({ options }) => options.ttl),
    [undefined, 60, undefined],
  );
});

test('what is no count is refused before anything is asked', async () => {
  const script = new Script();
  const refused = { name: 'IllegalInputError', code: 'ERR_MEMCACHE_VALUE', sent: 'no' };
  for (const delta of [-1, 0.5, Number.NaN, 2 ** 53, -1n, LARGEST + 1n, '1', null]) {
    await assert.rejects(script.run({ delta: delta as number }), refused);
    const initial = delta as number;
    await assert.rejects(script.run({ delta: 1, options: { initial } }), refused);
  }
  await assert.rejects(script.run({ delta: 1, options: { ttl: 0.5 } }), {
    code: 'ERR_MEMCACHE_OPTION',
  });
  assert.deepEqual(script.asked, []);
});
