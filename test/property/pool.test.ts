import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import * as fc from 'fast-check';
import { Pool } from '../../src/pool/pool.ts';
import { runs } from '../support/runs.ts';

interface Item {
  broken: boolean;
}

type Step = 'borrow' | 'give back' | 'discard' | 'break' | 'made' | 'failed' | 'abort';

interface Wait {
  readonly number: number;
  readonly controller: AbortController;
}

const MAX = 3;
const MAX_WAITING = 4;

/** A pool whose makers end when they are told to, and who has what. */
class Lab {
  readonly making: { made: (item: Item) => void; failed: (error: Error) => void }[] = [];
  readonly alive = new Set<Item>();
  readonly borrowed: Item[] = [];
  readonly waits = new Set<Wait>();
  readonly served: number[] = [];
  #borrows = 0;
  readonly pool = new Pool<Item>({
    create: () =>
      new Promise((made, failed) => {
        this.making.push({ made, failed });
      }),
    destroy: (item) => {
      assert.ok(this.alive.delete(item), 'destroyed once');
      assert.ok(!this.borrowed.includes(item), 'nobody has it');
    },
    validate: ({ broken }) => !broken,
    max: MAX,
    maxWaiting: MAX_WAITING,
    timeoutMs: 60_000,
  });

  borrow(): void {
    const wait = { number: this.#borrows++, controller: new AbortController() };
    this.waits.add(wait);
    this.pool.borrow({ signal: wait.controller.signal }).then(
      (item) => {
        assert.ok(this.alive.has(item), 'what is lent is alive');
        assert.ok(!this.borrowed.includes(item), 'and lent to one');
        assert.ok(!item.broken, 'and sound');
        this.waits.delete(wait);
        this.served.push(wait.number);
        this.borrowed.push(item);
      },
      () => this.waits.delete(wait),
    );
  }

  step(step: Step, at: number): void {
    const item = this.borrowed[at % this.borrowed.length];
    const maker = this.making[at % this.making.length];
    if (step === 'borrow') this.borrow();
    else if (step === 'abort') [...this.waits][at % this.waits.size]?.controller.abort();
    else if (step === 'made' || step === 'failed') {
      if (maker === undefined) return;
      this.making.splice(this.making.indexOf(maker), 1);
      const made = { broken: false };
      if (step === 'failed') maker.failed(new Error('refused'));
      else {
        this.alive.add(made);
        maker.made(made);
      }
    } else if (item !== undefined) {
      if (step === 'break') item.broken = true;
      else {
        this.borrowed.splice(this.borrowed.indexOf(item), 1);
        if (step === 'discard') this.pool.discard(item);
        else this.pool.giveBack(item);
      }
    }
  }

  check(): void {
    const { pool } = this;
    assert.equal(pool.size, this.alive.size + this.making.length);
    assert.ok(pool.size <= MAX);
    assert.equal(pool.idle, this.alive.size - this.borrowed.length);
    assert.equal(pool.waiting, this.waits.size);
    assert.ok(pool.waiting <= MAX + MAX_WAITING);
    if (pool.waiting > 0) {
      assert.equal(pool.idle, 0, 'nobody waits beside an idle member');
      assert.ok(pool.size === MAX || this.making.length >= pool.waiting, 'nor beside a free place');
    }
    assert.deepEqual(
      this.served.toSorted((a, b) => a - b),
      this.served,
      'first come, first served',
    );
  }
}

const steps = fc.array(
  fc.tuple(
    fc.constantFrom<Step>(
      'borrow',
      'borrow',
      'give back',
      'discard',
      'break',
      'made',
      'failed',
      'abort',
    ),
    fc.nat(50),
  ),
  { maxLength: 60 },
);

test('whatever borrowers and makers do, no place is lost, no member lent twice, and all ends', async () => {
  await fc.assert(
    fc.asyncProperty(steps, async (sequence) => {
      const lab = new Lab();
      for (const [step, at] of sequence) {
        lab.step(step, at);
        await turn();
        lab.check();
      }
      const gone = lab.pool.close();
      while (lab.making.length > 0) lab.step('made', 0);
      while (lab.borrowed.length > 0) lab.step('give back', 0);
      await gone;
      assert.deepEqual([lab.pool.size, lab.alive.size, lab.waits.size], [0, 0, 0]);
    }),
    runs(200),
  );
});
