import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CurrentVersion } from '../../../src/namespace/current-version.ts';
import { freshVersion, isVersion } from '../../../src/namespace/version.ts';
import {
  lost,
  NotedOperation,
  outcome,
  patience,
  settled,
  SimulatedItem,
} from './version-items.ts';

const [OLD, NEW, NEWEST] = [1, 2, 3].map((step) =>
  freshVersion(undefined, Date.now() - 1e6 + step),
);

interface Lab {
  readonly item: SimulatedItem;
  readonly current: CurrentVersion;
  /** Milliseconds that have passed. */
  readonly clock: { now: number };
}

function lab(stored?: unknown): Lab {
  const item = new SimulatedItem();
  if (stored !== undefined) item.put(stored);
  const clock = { now: 0 };
  return { item, clock, current: new CurrentVersion(item, () => clock.now) };
}

/** One that knows the version it would find. */
async function knowing(version: string): Promise<Lab> {
  const made = lab(version);
  made.current.run(new NotedOperation(), patience());
  await made.item.questions[0].comes();
  made.item.questions.length = 0;
  assert.equal(made.current.known, version);
  return made;
}

test('while the version is not known, operations wait for one answer and begin in their order', async () => {
  const { item, current } = lab(OLD);
  const log: string[] = [];
  const operations = ['a', 'b', 'c'].map((name) => new NotedOperation(name, log));
  const moments = operations.map((operation) => current.run(operation, patience()));
  await settled();
  assert.deepEqual(log, []);
  assert.equal(item.questions.length, 1);
  assert.equal(new Set(moments).size, 1);
  await item.questions[0].comes();
  assert.deepEqual(log, ['a', 'b', 'c']);
  assert.deepEqual(operations[0].begun, [OLD]);
  assert.equal(moments[0].isConfirmed, true);
  assert.equal(await outcome(moments[0]), 'confirmed');
  assert.deepEqual(item.commands, []);
});

test('once it is known they begin at once, and the answer that it stood lets them be', async () => {
  const { item, current } = await knowing(OLD);
  const operation = new NotedOperation();
  const moment = current.run(operation, patience());
  assert.deepEqual(operation.begun, [OLD]);
  assert.equal(item.questions.length, 1);
  assert.equal(moment.isConfirmed, false);
  await item.questions[0].comes();
  assert.equal(moment.isConfirmed, true);
  assert.deepEqual(operation.begun, [OLD]);
});

test('where another one stood they are done once more under that, in their order', async () => {
  const { item, current } = await knowing(OLD);
  const log: string[] = [];
  const operations = ['a', 'b'].map((name) => new NotedOperation(name, log));
  const [moment] = operations.map((operation) => current.run(operation, patience()));
  item.put(NEW);
  await item.questions[0].comes();
  assert.deepEqual(log, ['a', 'b', 'a', 'b']);
  assert.deepEqual(operations[1].begun, [OLD, NEW]);
  assert.equal(moment.isConfirmed, true);
  item.put(NEWEST);
  await settled();
  assert.deepEqual(operations[1].begun, [OLD, NEW], 'once more, not for ever');
});

test('all that are unconfirmed begin under a new version before anything issued later does', async () => {
  const { item, current } = await knowing(OLD);
  const log: string[] = [];
  const [first, second, third] = ['1', '2', '3'].map((name) => new NotedOperation(name, log));
  current.run(first, patience());
  item.questions[0].unsent = false;
  const later = current.run(second, patience());
  assert.equal(item.questions.length, 2);
  item.put(NEW);
  await item.questions[0].comes();
  assert.deepEqual(second.begun, [OLD, NEW]);
  assert.equal(later.isConfirmed, false, 'its own question is not answered');
  current.run(third, patience());
  assert.deepEqual(log, ['1', '2', '1', '2', '3']);
  assert.deepEqual(third.begun, [NEW]);
  item.put(NEWEST);
  await item.questions[1].comes();
  assert.deepEqual(second.begun, [OLD, NEW, NEWEST], 'its own answer counts');
  assert.equal(later.isConfirmed, true);
  assert.deepEqual(first.begun, [OLD, NEW], 'it was answered before');
});

test('a question is shared until it has left', async () => {
  const { item, current } = await knowing(OLD);
  const run = (...given: Parameters<typeof patience>): void => {
    current.run(new NotedOperation(), patience(...given));
  };
  run(1000);
  run(1000);
  run(1009);
  run(991);
  assert.equal(item.questions.length, 1, 'deadlines are kept to ten milliseconds');
  item.questions[0].unsent = false;
  run(1000);
  assert.equal(item.questions.length, 2);
});

test('who would wait longer than its own time, or can give up, asks for itself', async () => {
  const { item, current } = await knowing(OLD);
  const { signal } = new AbortController();
  current.run(new NotedOperation(), patience(1000));
  current.run(new NotedOperation(), patience(100));
  current.run(new NotedOperation(), patience(100, signal));
  current.run(new NotedOperation(), patience(100, signal));
  current.run(new NotedOperation(), patience(100, new AbortController().signal));
  current.run(new NotedOperation(), patience(5000));
  assert.deepEqual(
    item.questions.map(({ patience: { deadline, signal: given } }) => [deadline, given === signal]),
    [
      [1000, false],
      [100, false],
      [100, true],
      [100, false],
      [5000, false],
    ],
  );
});

test('where there is none, one is made', async () => {
  const { item, current } = lab();
  const operation = new NotedOperation();
  current.run(operation, patience());
  await item.questions[0].comes();
  assert.deepEqual(item.commands, ['add']);
  assert.ok(isVersion(item.stored?.value));
  assert.deepEqual(operation.begun, [item.stored.value]);
});

test('who comes second takes the one that is there', async () => {
  const { item, current } = lab();
  const operation = new NotedOperation();
  current.run(operation, patience());
  item.before.push(() => item.put(NEW));
  await item.questions[0].comes();
  assert.deepEqual(item.commands, ['add', 'look']);
  assert.deepEqual(operation.begun, [NEW]);
  assert.equal(item.stored?.value, NEW);
});

test('one that is lost is followed by another, never by itself', async () => {
  const { item, current } = await knowing(freshVersion(undefined, Date.now() + 1e9));
  const lostOne = current.known ?? '';
  item.stored = undefined;
  const operation = new NotedOperation();
  current.run(operation, patience());
  await item.questions[0].comes();
  const [, made] = operation.begun;
  assert.ok(made > lostOne, 'also where the clock was ahead');
});

test('what is no version is replaced', async () => {
  for (const garbage of ['garbage', 'z'.repeat(18), 7, '']) {
    const { item, current } = lab(garbage);
    const operation = new NotedOperation();
    current.run(operation, patience());
    await item.questions[0].comes(garbage);
    assert.deepEqual(item.commands, ['look', 'swap']);
    assert.deepEqual(operation.begun, [item.stored?.value]);
    assert.ok(isVersion(item.stored?.value));
  }
});

test('an older one that has come back is replaced by a fresh one', async () => {
  const { item, current } = await knowing(NEW);
  item.put(OLD);
  const operation = new NotedOperation();
  current.run(operation, patience());
  await item.questions[0].comes();
  const [before, after] = operation.begun;
  assert.equal(before, NEW);
  assert.ok(after > NEW);
  assert.equal(item.stored?.value, after);
});

test('an older answer that came late is not believed', async () => {
  const { item, current } = await knowing(NEW);
  const operation = new NotedOperation();
  const moment = current.run(operation, patience());
  await item.questions[0].comes(OLD);
  assert.deepEqual(item.commands, ['look']);
  assert.deepEqual(operation.begun, [NEW]);
  assert.equal(moment.isConfirmed, true);
});

test('where it cannot be had the moment fails, what is known stays known, and the next one asks again', async () => {
  const { item, current } = await knowing(OLD);
  const error = lost();
  const moment = current.run(new NotedOperation(), patience());
  await item.questions[0].fails(error);
  assert.equal(await outcome(moment), error);
  assert.equal(moment.isConfirmed, false);
  const next = current.run(new NotedOperation(), patience());
  assert.notEqual(next, moment);
  assert.equal(item.questions.length, 2);
  assert.equal(current.known, OLD);
});

test('what was never begun is not begun once its moment has failed', async () => {
  const { item, current } = lab(OLD);
  const [failed, waiting] = [new NotedOperation(), new NotedOperation()];
  current.run(failed, patience());
  item.questions[0].unsent = false;
  current.run(waiting, patience());
  await item.questions[0].fails();
  await item.questions[1].comes();
  assert.deepEqual(failed.begun, []);
  assert.deepEqual(waiting.begun, [OLD]);
});

test('a failure to make one is that of the moment', async () => {
  const { item, current } = lab();
  const error = lost();
  const moment = current.run(new NotedOperation(), patience());
  item.before.push(() => {
    throw error;
  });
  await item.questions[0].comes();
  assert.equal(await outcome(moment), error);
});

test('its age counts from the question', async () => {
  const { item, current, clock } = lab(OLD);
  clock.now = 100;
  current.run(new NotedOperation(), patience());
  clock.now = 150;
  await item.questions[0].comes();
  assert.equal(current.recent(51), OLD);
  assert.equal(current.recent(50), undefined);
  assert.equal(current.recent(0), undefined);
  clock.now = 160;
  assert.equal(current.recent(60), undefined);
  assert.equal(current.recent(61), OLD);
});

test('an invalidation puts a greater one there, which is known at once', async () => {
  const { item, current, clock } = await knowing(OLD);
  clock.now = 5000;
  await current.invalidate(patience());
  assert.deepEqual(item.commands, ['look', 'swap']);
  const made = item.stored?.value as string;
  assert.ok(made > OLD);
  assert.equal(current.recent(1), made);
});

test('it is greater than what is stored though the clock has been put back, and than what is known', async () => {
  const ahead = freshVersion(undefined, Date.now() + 1e9);
  const { item, current } = lab(ahead);
  await current.invalidate(patience());
  assert.ok((item.stored?.value as string) > ahead);
  const { item: other, current: knows } = await knowing(ahead);
  other.put(OLD);
  await knows.invalidate(patience());
  assert.ok((other.stored?.value as string) > ahead);
});

test('an invalidation where there is none, or garbage', async () => {
  const { item, current } = lab();
  await current.invalidate(patience());
  assert.deepEqual(item.commands, ['look', 'add']);
  assert.equal(current.known, item.stored?.value);
  const { item: other, current: finds } = lab('garbage');
  await finds.invalidate(patience());
  assert.ok(isVersion(other.stored?.value));
});

test('who is overtaken by another invalidation is content with that', async () => {
  for (const first of [OLD, undefined]) {
    const { item, current } = lab(first);
    item.before.push(undefined, () => item.put(NEW));
    await current.invalidate(patience());
    assert.equal(item.stored?.value, NEW);
    assert.equal(current.known, NEW);
    assert.deepEqual(item.commands, ['look', first === undefined ? 'add' : 'swap', 'look']);
  }
});

test('what stood before an invalidation began does not end it', async () => {
  const { item, current } = await knowing(OLD);
  Object.assign(item, { stored: undefined });
  item.before.push(undefined, () => item.put(OLD));
  await current.invalidate(patience());
  assert.ok((item.stored?.value as string) > OLD);
  const { item: apart, current: other } = lab(NEW);
  apart.before.push(undefined, () => apart.put(OLD));
  await other.invalidate(patience());
  assert.ok((apart.stored?.value as string) > NEW);
});

test('one that is lost or spoilt in the midst of an invalidation is made anew', async () => {
  const { item, current } = lab(OLD);
  const loses = (): void => {
    item.stored = undefined;
  };
  item.before.push(undefined, loses);
  await current.invalidate(patience());
  assert.deepEqual(item.commands, ['look', 'swap', 'look', 'add']);
  assert.ok((item.stored?.value as string) > OLD);
  const { item: spoilt, current: other } = await knowing(NEW);
  spoilt.before.push(undefined, () => spoilt.put(OLD));
  await other.invalidate(patience());
  assert.ok((spoilt.stored?.value as string) > NEW);
});

test('what is under way when an invalidation is done is done once more, in its order', async () => {
  const { item, current } = await knowing(OLD);
  const operation = new NotedOperation();
  current.run(operation, patience());
  await current.invalidate(patience());
  assert.deepEqual(operation.begun, [OLD, item.stored?.value]);
  await item.questions[0].comes();
  assert.equal(operation.begun.length, 2);
});

test('after an invalidation that may have been done nobody relies on what is known', async () => {
  const { item, current } = await knowing(OLD);
  assert.equal(current.recent(1000), OLD);
  const error = lost();
  item.before.push(undefined, () => {
    throw error;
  });
  await assert.rejects(current.invalidate(patience()), error);
  assert.equal(current.recent(1000), undefined);
  assert.equal(current.known, OLD);
});
