import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Calls } from '../../../src/client/calls.ts';
import { GuardedOperation } from '../../../src/client/guarded-operation.ts';
import type { MemcacheError } from '../../../src/errors.ts';
import { Moment } from '../../../src/namespace/moment.ts';
import { lost, settled, SimulatedItem } from '../namespace/version-items.ts';

interface Options {
  readonly timeoutMs?: number | undefined;
  readonly lane?: string;
}

/** One begin of an operation, for the test to answer. */
class Begun {
  readonly version: string;
  readonly options: Options | undefined;
  readonly promise: Promise<string>;
  answer: (value: string) => void = () => {};
  fail: (error: Error) => void = () => {};

  constructor(version: string, options: Options | undefined) {
    this.version = version;
    this.options = options;
    this.promise = new Promise((resolve, reject) => {
      this.answer = resolve;
      this.fail = reject;
    });
  }
}

interface Lab {
  readonly begun: Begun[];
  readonly operation: GuardedOperation<string, Options>;
  readonly moment: Moment;
  confirm(): void;
  fail(error: Error): void;
}

function lab(options?: Options, deadline = Infinity): Lab {
  const begun: Begun[] = [];
  const operation = new GuardedOperation<string, Options>(
    {
      options,
      start: (calls, given) => {
        const one = new Begun(calls as unknown as string, given);
        begun.push(one);
        return one.promise;
      },
      without: async (error: MemcacheError, isBegun) => `without ${error.code} ${isBegun}`,
    },
    deadline,
    (version) => version as unknown as Calls,
  );
  const patience = { deadline: 0, signal: undefined };
  const moment = new Moment(patience, 0, new SimulatedItem().ask(patience));
  let fail: (error: Error) => void = () => {};
  let confirmed: () => void = () => {};
  moment.confirmed = new Promise((resolve, reject) => {
    confirmed = resolve;
    fail = reject;
  });
  moment.confirmed.catch(() => {});
  const confirm = (): void => {
    moment.isConfirmed = true;
    confirmed();
  };
  return { begun, operation, moment, confirm, fail };
}

/** Whether a promise is still open once all promise jobs have run. */
async function isOpen(promise: Promise<unknown>): Promise<boolean> {
  await settled();
  return Promise.race([
    promise.then(
      () => false,
      () => false,
    ),
    Promise.resolve(true),
  ]);
}

test('it is answered once its version is known to have stood, whichever comes first', async () => {
  for (const first of ['value', 'version']) {
    const { begun, operation, moment, confirm } = lab({ lane: 'bulk' });
    operation.begin('v1');
    const outcome = operation.outcome(moment);
    if (first === 'value') begun[0].answer('one');
    else confirm();
    assert.equal(await isOpen(outcome), true);
    if (first === 'value') confirm();
    else begun[0].answer('one');
    assert.equal(await outcome, 'one');
    assert.deepEqual(
      begun.map(({ version, options }) => [version, options]),
      [['v1', { lane: 'bulk' }]],
    );
  }
});

test('what was done under another version is dropped, whatever became of it', async () => {
  for (const early of ['answered', 'failed', 'late'] as const) {
    const { begun, operation, moment, confirm } = lab();
    operation.begin('v1');
    const outcome = operation.outcome(moment);
    if (early === 'answered') begun[0].answer('old');
    if (early === 'failed') begun[0].fail(lost());
    await settled();
    operation.begin('v2');
    confirm();
    begun[1].answer('new');
    if (early === 'late') begun[0].answer('old');
    assert.equal(await outcome, 'new');
  }
});

test('begun under the same version again it is not done again', () => {
  const { begun, operation } = lab();
  operation.begin('v1');
  operation.begin('v1');
  assert.equal(begun.length, 1);
});

test('done once more it has the time that is left, at least a millisecond', async () => {
  const deadline = performance.now() + 5000;
  const { begun, operation, moment } = lab({ timeoutMs: 9000, lane: 'bulk' }, deadline);
  operation.begin('v1');
  void operation.outcome(moment);
  operation.begin('v2');
  assert.equal(begun[0].options?.timeoutMs, 9000);
  const { timeoutMs = 0, lane } = begun[1].options ?? {};
  assert.ok(timeoutMs > 0 && timeoutMs <= 5000, String(timeoutMs));
  assert.equal(lane, 'bulk');
  const late = lab(undefined, performance.now() - 5);
  late.operation.begin('v1');
  void late.operation.outcome(late.moment);
  late.operation.begin('v2');
  assert.equal(late.begun[1].options?.timeoutMs, 1);
});

test('it may begin when its version is learned', async () => {
  const { begun, operation, moment, confirm } = lab();
  const outcome = operation.outcome(moment);
  await settled();
  operation.begin('v1');
  confirm();
  begun[0].answer('one');
  assert.equal(await outcome, 'one');
});

test('its failure under the version that stood is its own', async () => {
  const { begun, operation, moment, confirm } = lab();
  operation.begin('v1');
  const outcome = operation.outcome(moment);
  const error = lost();
  begun[0].fail(error);
  assert.equal(await isOpen(outcome), true);
  confirm();
  await assert.rejects(outcome, error);
});

test('a failure before it is looked at is no unhandled rejection', async (t) => {
  const unhandled: unknown[] = [];
  const note = (error: unknown): void => void unhandled.push(error);
  process.on('unhandledRejection', note);
  t.after(() => process.off('unhandledRejection', note));
  const { begun, operation, moment, confirm } = lab();
  operation.begin('v1');
  const outcome = operation.outcome(moment);
  operation.begin('v2');
  const error = lost();
  begun[1].fail(error);
  await settled();
  begun[0].answer('old');
  confirm();
  await assert.rejects(outcome, error);
  assert.deepEqual(unhandled, []);
});

test('without its version it is answered otherwise; whether it was begun is told', async () => {
  const known = lab();
  known.operation.begin('v1');
  const outcome = known.operation.outcome(known.moment);
  known.fail(lost());
  known.begun[0].answer('one');
  assert.equal(await outcome, 'without ERR_MEMCACHE_CONNECTION_LOST true');
  const unknown = lab();
  const other = unknown.operation.outcome(unknown.moment);
  unknown.fail(lost());
  assert.equal(await other, 'without ERR_MEMCACHE_CONNECTION_LOST false');
});

test('its own failure is told rather than that of the version', async () => {
  const { begun, operation, moment, fail } = lab();
  operation.begin('v1');
  const outcome = operation.outcome(moment);
  const error = lost();
  begun[0].fail(error);
  fail(lost());
  await assert.rejects(outcome, error);
});
