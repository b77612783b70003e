import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Calls } from '../../../src/client/calls.ts';
import type { Core } from '../../../src/client/core.ts';
import type { Step } from '../../../src/client/count-step.ts';
import { count } from '../../../src/client/counting.ts';
import { MemcacheError } from '../../../src/errors.ts';
import { exptime } from '../../../src/protocol/ttl.ts';

const LARGEST = 2n ** 64n - 1n;

interface Asked {
  readonly verb: string;
  readonly options: { timeoutMs: number; ttl?: number; noreply?: boolean };
  readonly value?: unknown;
}

/** Calls that answer by a script: counts, and whether an `add` is stored. */
class Script {
  readonly asked: Asked[] = [];
  readonly #answers: (bigint | undefined | boolean | MemcacheError)[];

  constructor(...answers: (bigint | undefined | boolean | MemcacheError)[]) {
    this.#answers = answers;
  }

  askOne({ verb, options }: Asked): Promise<unknown> {
    this.asked.push({ verb, options });
    return this.#answer();
  }

  storeOne(
    { verb, value, counter }: { verb: string; value: unknown; counter: boolean },
    options: Asked['options'],
  ): Promise<unknown> {
    assert.equal(counter, true, 'its ttl is not jittered');
    this.asked.push({ verb, value, options });
    return this.#answer();
  }

  async #answer(): Promise<unknown> {
    const answer = this.#answers.shift();
    if (answer instanceof MemcacheError) throw answer;
    return answer;
  }

  run<D extends number | bigint>(step: Partial<Step<D>> & { delta: D }): Promise<unknown> {
    const deadline = (_verb: string, options: { timeoutMs?: number } | undefined): number =>
      performance.now() + (options?.timeoutMs ?? 1000);
    const core = {
      options: { ttl: 0 },
      deadline,
      exptime: (ttl: number) => exptime(ttl),
    } as unknown as Core;
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

test('what is wrong with a number is said', async () => {
  const wrong: [unknown, string][] = [
    [-1, 'a negative number'],
    [-1n, 'a negative bigint'],
    [LARGEST + 1n, 'a larger bigint'],
    [2 ** 53, 'a number beyond 2^53, which a bigint can say'],
    [-(2 ** 60), 'a number beyond 2^53, which a bigint can say'],
    [1.5, 'a fraction'],
    [Number.NaN, 'NaN'],
    [Infinity, 'Infinity'],
    ['5', 'a string'],
    [null, 'null'],
  ];
  for (const [delta, what] of wrong) {
    const message = `delta must be a whole number from 0 to 2^64 - 1, not ${what}`;
    await assert.rejects(new Script().run({ delta: delta as number }), { message });
  }
});

test('with signed a delta below 0 counts the other way', async () => {
  const cases: ['incr' | 'decr', number | bigint, string][] = [
    ['incr', 3, 'incr'],
    ['incr', -3, 'decr'],
    ['incr', 0, 'incr'],
    ['incr', -0, 'incr'],
    ['incr', -(2n ** 64n - 1n), 'decr'],
    ['decr', 3n, 'decr'],
    ['decr', -3n, 'incr'],
  ];
  for (const [verb, delta, expected] of cases) {
    const script = new Script(1n);
    await script.run({ verb, delta, options: { signed: true } });
    const [{ verb: asked, options }] = script.asked;
    assert.equal(asked, expected, `${verb} ${delta}`);
    assert.ok(!('signed' in options));
  }
  const refused = { code: 'ERR_MEMCACHE_VALUE', sent: 'no' };
  for (const delta of [-1.5, -LARGEST - 1n, Number.NaN, -Infinity, '-5', [-5], null]) {
    const script = new Script(1n);
    await assert.rejects(
      script.run({ delta: delta as number, options: { signed: true } }),
      refused,
    );
    assert.deepEqual(script.asked, []);
  }
  for (const signed of [false, undefined])
    await assert.rejects(new Script().run({ delta: -1, options: { signed } }), refused);
});

test('a missing counter with signed starts as Swift has it', async () => {
  const cases: ['incr' | 'decr', number, bigint][] = [
    ['incr', 5, 5n],
    ['incr', -5, 0n],
    ['decr', 5, 0n],
    ['decr', -5, 5n],
  ];
  for (const [verb, delta, value] of cases) {
    const script = new Script(undefined, true);
    const options = { signed: true, initial: 0, ttl: 60 };
    assert.equal(await script.run({ verb, delta, options }), Number(value));
    assert.deepEqual(
      script.asked.map((asked) => [asked.verb === 'add', asked.value, asked.options.ttl]),
      [
        [false, undefined, undefined],
        [true, value, 60],
      ],
    );
  }
});

test('without an answer a counter is made before it is stepped, in one moment', async () => {
  const script = new Script(undefined, undefined);
  const options = { noreply: true, initial: 10, ttl: 60 };
  const done = script.run({ verb: 'decr', delta: 3, options });
  assert.deepEqual(
    script.asked.map(({ verb, value, options: { noreply, ttl } }) => [verb, value, noreply, ttl]),
    [
      ['add', 10n, true, 60],
      ['decr', undefined, true, undefined],
    ],
  );
  assert.equal(await done, undefined);
  const plain = new Script(undefined);
  assert.equal(await plain.run({ delta: 3n, options: { noreply: true } }), undefined);
  assert.deepEqual(
    plain.asked.map(({ verb }) => verb),
    ['incr'],
  );
});

test('where one of the two did not leave, the failure says that the other did', async () => {
  const failed = new MemcacheError('ERR_MEMCACHE_OVERLOADED', 'full', { sent: 'no' });
  const options = { noreply: true, initial: 1 };
  for (const script of [new Script(undefined, failed), new Script(failed, undefined)])
    await assert.rejects(script.run({ delta: 1, options }), {
      code: 'ERR_MEMCACHE_OVERLOADED',
      sent: 'maybe',
    });
  await assert.rejects(new Script(failed, failed).run({ delta: 1, options }), failed);
});
