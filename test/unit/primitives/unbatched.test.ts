import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Unbatched } from '../../../src/primitives/unbatched.ts';

/** Batches, and what becomes of their source. */
function sourceOf(batches: readonly (readonly number[])[], error?: Error) {
  const fate: string[] = [];
  async function* source(): AsyncGenerator<readonly number[], void, undefined> {
    try {
      for (const batch of batches) yield batch;
      if (error !== undefined) throw error;
    } finally {
      fate.push('ended');
    }
  }
  return { all: new Unbatched(source()), fate };
}

async function listOf(all: AsyncIterable<number>): Promise<number[]> {
  const list: number[] = [];
  for await (const one of all) list.push(one);
  return list;
}

test('what comes in batches goes one by one, in order, empty ones too', async () => {
  const { all, fate } = sourceOf([[1, 2], [], [3], [], []]);
  assert.deepEqual(await listOf(all), [1, 2, 3]);
  assert.deepEqual(fate, ['ended']);
  assert.deepEqual(await all.next(), { value: undefined, done: true });
  assert.deepEqual(await listOf(sourceOf([]).all), []);
});

test('leaving the loop ends the source, and nothing more is told', async () => {
  const { all, fate } = sourceOf([[1, 2], [3]]);
  for await (const one of all) {
    assert.equal(one, 1);
    break;
  }
  assert.deepEqual(fate, ['ended']);
  assert.deepEqual(await all.next(), { value: undefined, done: true });
});

test('an error comes behind what came before it, once', async () => {
  const error = new Error('enough');
  const { all } = sourceOf([[1]], error);
  assert.deepEqual(await all.next(), { value: 1, done: false });
  await assert.rejects(all.next(), error);
  assert.deepEqual(await all.next(), { value: undefined, done: true });
});

test('many who ask at once get each a thing of its own', async () => {
  const { all } = sourceOf([[1, 2], [], [3, 4, 5]]);
  const asked = await Promise.all(Array.from({ length: 7 }, () => all.next()));
  assert.deepEqual(
    asked.map(({ value }) => value as number | undefined),
    [1, 2, 3, 4, 5, undefined, undefined],
  );
});
