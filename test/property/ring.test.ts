import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { Ring } from '../../src/primitives/ring.ts';
import { runs } from '../support/runs.ts';

interface Model {
  readonly written: number[];
  readonly queued: number[];
}

type RingCommand = fc.Command<Model, Ring<number>>;

let lastEntry = 0;

function same(model: Model, ring: Ring<number>): void {
  const written: number[] = [];
  const queued: number[] = [];
  ring.forEach((entry, isWritten) => (isWritten ? written : queued).push(entry));
  assert.deepEqual({ written, queued }, model);
  assert.equal(ring.head, model.written[0]);
  assert.equal(ring.next, model.queued[0]);
  assert.equal(ring.empty, model.written.length + model.queued.length === 0);
}

function command(
  name: string,
  run: (model: Model, ring: Ring<number>) => void,
  check: (model: Readonly<Model>) => boolean = () => true,
): RingCommand {
  return {
    check,
    run(model, ring) {
      run(model, ring);
      same(model, ring);
    },
    toString: () => name,
  };
}

const push = (count: number): RingCommand =>
  command(`push ${count}`, (model, ring) => {
    for (let i = 0; i < count; i++) {
      model.queued.push(++lastEntry);
      ring.push(lastEntry);
    }
  });

const advance = command(
  'advance',
  (model, ring) => {
    model.written.push(...model.queued.splice(0, 1));
    ring.advance();
  },
  ({ queued }) => queued.length > 0,
);

const skip = command(
  'skip',
  (model, ring) => {
    model.queued.shift();
    ring.skip();
  },
  ({ queued }) => queued.length > 0,
);

const shift = command('shift', (model, ring) => {
  assert.equal(ring.shift(), model.written.shift());
});

test('a ring behaves as two lists, whatever is done to it', () => {
  const commands = fc.commands(
    [
      fc.integer({ min: 1, max: 9 }).map(push),
      fc.constant(advance),
      fc.constant(advance),
      fc.constant(skip),
      fc.constant(shift),
    ],
    { maxCommands: 200, size: 'max' },
  );
  fc.assert(
    fc.property(fc.constantFrom(1, 2, 4, 64), commands, (capacity, list) => {
      fc.modelRun(
        () => ({ model: { written: [], queued: [] }, real: new Ring<number>(capacity) }),
        list,
      );
    }),
    runs(300),
  );
});
