import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { FetchCall } from '../../../src/client/fetch-call.ts';
import type { FetchOptions } from '../../../src/client/fetch-options.ts';
import { FetchPolicy } from '../../../src/client/fetch-policy.ts';
import type { KeyCalls } from '../../../src/client/key-calls.ts';
import { IllegalInputError } from '../../../src/errors.ts';
import { Fetching } from '../../../src/stampede/fetching.ts';
import type { Look } from '../../../src/stampede/look.ts';

const DEFAULTS = { ttl: 0, ttlJitter: 0, maxTtl: undefined, emptyIsNothing: true };
const DUE: Look = { kind: 'value', value: 'old', stale: true, won: true, lost: false, lease: '7' };
const unsupported = new IllegalInputError('ERR_MEMCACHE_UNSUPPORTED', 'no meta commands');

/** Calls of a client whose every store succeeds and that has nothing. */
class FakeCalls {
  readonly log: string[] = [];
  readonly fetching: Fetching = new Fetching({
    guarded: ({ code }) => this.log.push(code),
    failedBehind: () => this.log.push('behind'),
  });
  loads = 0;

  readonly wireOf = String;

  async storeOne(
    { verb }: { verb: string },
    _options: unknown,
    read: (answer: string) => unknown,
  ): Promise<unknown> {
    this.log.push(verb);
    return read('stored');
  }

  async readTo(
    question: { form: { verb: string } },
    _key: string,
    end: { found: (look: Look) => unknown },
  ): Promise<unknown> {
    this.log.push(question.form.verb);
    return end.found({
      ...DUE,
      kind: 'empty',
      value: undefined,
      stale: false,
      won: false,
      lease: '',
    });
  }

  async readOne(): Promise<unknown> {
    this.log.push('owner');
    return undefined;
  }

  call(options: FetchOptions = {}): FetchCall<unknown> {
    const policy = new FetchPolicy('fetch', options, DEFAULTS);
    const load = (): string => `loaded ${++this.loads}`;
    return new FetchCall<unknown>(this as unknown as KeyCalls, policy, 'k', load);
  }
}

test('the first to see that it has won loads; who shares the answer has lost', async () => {
  const calls = new FakeCalls();
  const [winner, sharer] = [calls.call(), calls.call()];
  assert.equal(winner.sighted({ ...DUE }), false, 'it has no use for the old value');
  assert.equal(sharer.sighted({ ...DUE }), true);
  assert.equal(await winner.found({ ...DUE, value: undefined }), 'loaded 1');
  await turn();
  assert.equal(calls.fetching.flights.size, 0);
  assert.equal(sharer.found({ ...DUE }), 'old', 'its value took longer to decode than all that');
  assert.equal(calls.loads, 1);
  assert.deepEqual(calls.log, ['cas']);
});

test('in the background the winner answers the old value, unless it cannot be read', async () => {
  const calls = new FakeCalls();
  const winner = calls.call({ background: true });
  assert.equal(winner.sighted({ ...DUE }), true);
  assert.equal(winner.found({ ...DUE }), 'old');
  const other = calls.call({ background: true });
  await turn();
  other.sighted({ ...DUE, lease: '8' });
  const unreadable: Look = { ...DUE, lease: '8', kind: 'unreadable', value: undefined };
  assert.equal(await other.found(unreadable), 'loaded 2');
  assert.equal(calls.loads, 2);
});

test('where the server gives out no leases a lock will do, if the call says nothing else', async () => {
  const calls = new FakeCalls();
  assert.equal(await calls.call().failed(unsupported, undefined), 'loaded 1');
  assert.deepEqual(calls.log.slice(0, 3), ['get', 'add', 'gets']);
  await assert.rejects(
    async () => calls.call({ lease: 'meta' }).failed(unsupported, undefined),
    unsupported,
  );
  assert.equal(calls.loads, 1);
});
