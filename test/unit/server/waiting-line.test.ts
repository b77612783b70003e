import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Ticker } from '../../../src/primitives/ticker.ts';
import type { Entrant } from '../../../src/server/entrants.ts';
import { overloaded, timedOut } from '../../../src/server/refusals.ts';
import { WaitingLine } from '../../../src/server/waiting-line.ts';

class Guest implements Entrant {
  readonly verb = 'get';
  readonly key: string;
  readonly size = 0;
  readonly bytes = 10;
  readonly deadline: number;
  abandoned = false;
  readonly told: string[] = [];

  constructor(key: string, deadline: number = Infinity) {
    this.key = key;
    this.deadline = deadline;
  }

  enter(): void {
    this.told.push('in');
  }

  fail({ code }: { code: string }): void {
    this.told.push(code);
  }
}

interface Told {
  shed: number[];
  emptied: number;
}

function lineOf(maxQueueMs = 0): { line: WaitingLine; told: Told } {
  const told: Told = { shed: [], emptied: 0 };
  const line = new WaitingLine({
    ticker: new Ticker(),
    maxQueueMs,
    late: (verb) => timedOut(verb, 'a:1', 'no'),
    shed: (callers) => {
      told.shed.push(callers);
      return overloaded('a:1', 'much');
    },
    emptied: () => void told.emptied++,
  });
  return { line, told };
}

test('the first is who came first', () => {
  const { line } = lineOf();
  const guests = [new Guest('a'), new Guest('b'), new Guest('a')];
  for (const guest of guests) line.add(guest);
  const order: (Entrant | undefined)[] = [];
  assert.deepEqual([line.size, line.bytes], [3, 30]);
  for (let one = line.first; one !== undefined; one = line.first) {
    order.push(line.shift());
  }
  assert.deepEqual(order, guests);
  assert.equal(line.busy, false);
  assert.deepEqual([line.size, line.bytes], [0, 0]);
});

test('each is failed at its own deadline, and who has given up is let go with those', () => {
  const { line } = lineOf();
  const [patient, early, gone] = [new Guest('a', 300), new Guest('b', 100), new Guest('c', 400)];
  for (const guest of [patient, early, gone]) line.add(guest);
  gone.abandoned = true;
  line.sweep(99);
  assert.equal(line.size, 3);
  line.sweep(100);
  assert.deepEqual(early.told, ['ERR_MEMCACHE_TIMEOUT']);
  assert.equal(line.first, patient);
  assert.equal(line.size, 1);
  line.sweep(300);
  assert.deepEqual(patient.told, ['ERR_MEMCACHE_TIMEOUT']);
});

test('who has stood too long is failed as one too many, and told of once', () => {
  const { line, told } = lineOf(50);
  const [guest, gone, other] = [new Guest('a'), new Guest('b'), new Guest('c')];
  const began = performance.now();
  for (const one of [guest, gone, other]) line.add(one);
  gone.abandoned = true;
  line.sweep(began + 49);
  assert.deepEqual(guest.told, []);
  line.sweep(performance.now() + 51);
  assert.deepEqual(
    [guest.told, other.told],
    [['ERR_MEMCACHE_OVERLOADED'], ['ERR_MEMCACHE_OVERLOADED']],
  );
  assert.deepEqual(told.shed, [2]);
});

test('it says when nobody waits any more, whatever became of the last one', () => {
  const { line, told } = lineOf(50);
  line.add(new Guest('let in'));
  line.shift();
  assert.equal(told.emptied, 1);
  line.add(new Guest('late', 100));
  line.sweep(100);
  assert.equal(told.emptied, 2);
  line.add(new Guest('old'));
  line.sweep(performance.now() + 51);
  assert.equal(told.emptied, 3);
});

test('who is failed and asks again stands behind those who stay', () => {
  const { line } = lineOf();
  const [early, patient, again] = [new Guest('a', 100), new Guest('b'), new Guest('c', 50)];
  early.fail = () => line.add(again);
  for (const guest of [early, patient]) line.add(guest);
  line.sweep(100);
  assert.deepEqual([line.shift(), line.shift(), line.shift()], [patient, again, undefined]);
});

test('a long line is left in time that grows with it, and no faster', () => {
  const { line } = lineOf();
  const guests = Array.from({ length: 200_000 }, (_, i) => new Guest(`k${i}`));
  for (const guest of guests) line.add(guest);
  const began = performance.now();
  for (let one = line.first; one !== undefined; one = line.first) line.shift();
  assert.ok(performance.now() - began < 2000, 'a scan for each of them takes half a minute');
});

test('all are failed in the order they came', () => {
  const { line } = lineOf();
  const order: string[] = [];
  for (const key of ['a', 'b', 'c']) {
    const guest = new Guest(key);
    guest.fail = () => void order.push(key);
    line.add(guest);
  }
  line.failAll(overloaded('a:1', 'much'));
  assert.deepEqual(order, ['a', 'b', 'c']);
});
