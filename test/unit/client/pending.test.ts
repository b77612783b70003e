import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MemcacheError } from '../../../src/errors.ts';
import { type Begun, bytesIn, Pending } from '../../../src/client/pending.ts';

class Beginner implements Begun {
  readonly operations: number;
  readonly bytes: number;
  readonly sent = 'no';
  readonly watch = undefined;
  settled = false;
  pending: Pending | undefined = undefined;
  error: MemcacheError | undefined;

  constructor(operations: number, bytes = 0) {
    this.operations = operations;
    this.bytes = bytes;
  }

  abandon(error: MemcacheError): void {
    this.error = error;
  }
}

/** A bound of ten operations and a hundred bytes. `makes` makes the room that is asked for. */
function pendingOf(makes: (pending: Pending, operations: number) => boolean = () => false) {
  const shed: number[] = [];
  const pending: Pending = new Pending(
    { operations: 10, bytes: 100 },
    {
      makeRoom: (operations) => makes(pending, operations),
      shed: (_error, operations) => void shed.push(operations),
    },
  );
  return { pending, shed };
}

test('calls are counted by their operations and bytes until they are settled', () => {
  const { pending } = pendingOf();
  const [one, many] = [new Beginner(1, 30), new Beginner(5, 50)];
  assert.equal(pending.take(one), true);
  assert.equal(pending.take(many), true);
  assert.deepEqual([pending.operations, pending.bytes], [6, 80]);
  assert.equal(one.pending, pending);
  pending.settled(many);
  assert.deepEqual([pending.operations, pending.bytes], [1, 30]);
});

for (const [what, filling] of [
  ['10 operations', new Beginner(10)],
  ['100 bytes', new Beginner(1, 100)],
] as const) {
  test(`at ${what} a further call is given up, and told of`, () => {
    const { pending, shed } = pendingOf();
    pending.take(filling);
    const next = new Beginner(3);
    assert.equal(pending.take(next), false);
    assert.equal(next.error?.code, 'ERR_MEMCACHE_OVERLOADED');
    assert.equal(next.error.sent, 'no');
    assert.match(next.error.message, new RegExp(what));
    assert.equal(next.pending, undefined);
    assert.deepEqual(shed, [3]);
    pending.settled(filling);
    assert.equal(pending.take(next), true);
  });
}

test('where room is made for it, it is taken', () => {
  const old = new Beginner(10);
  const { pending, shed } = pendingOf((within) => {
    within.settled(old);
    return true;
  });
  pending.take(old);
  assert.equal(pending.take(new Beginner(2)), true);
  assert.equal(pending.operations, 2);
  assert.deepEqual(shed, []);
});

test('the last call may go over the bound by its own operations', () => {
  const { pending } = pendingOf();
  assert.equal(pending.take(new Beginner(9)), true);
  assert.equal(pending.take(new Beginner(1000)), true);
  assert.equal(pending.take(new Beginner(1)), false);
});

test('bytes of a value: of text and bytes; of anything else nobody knows them yet', () => {
  assert.deepEqual(
    ['four', new Uint8Array(5), Buffer.alloc(6), { a: 1 }, 7].map((value) => bytesIn(value)),
    [4, 5, 6, 0, 0],
  );
});
