import type { Connected } from '../contenders/contender.ts';
import type { LoadCase } from './load-case.ts';
import { sameValue, valueFor } from './values.ts';

const FILLERS = 64;

/** Runs `visit` for every key, a few at a time, so that no client's queue or timeout is tried by the preparation. */
async function forEachKey(
  keys: readonly string[],
  visit: (key: string, index: number) => Promise<void>,
): Promise<void> {
  let next = 0;
  async function worker(): Promise<void> {
    for (let index = next++; index < keys.length; index = next++) await visit(keys[index], index);
  }
  await Promise.all(Array.from({ length: FILLERS }, worker));
}

export function changed({ kind }: Pick<LoadCase, 'kind'>, index: number): Error {
  return new Error(`the ${kind} stored under key ${index} came back changed`);
}

/** Stores every value, then reads every one back: nobody is timed on wrong answers. */
export async function fillAndVerify(
  client: Connected,
  load: Pick<LoadCase, 'kind' | 'size'>,
  keys: readonly string[],
): Promise<void> {
  const value = (index: number): unknown => valueFor(load.kind, load.size, index);
  await forEachKey(keys, async (key, index) => void (await client.set(key, value(index))));
  await forEachKey(keys, async (key, index) => {
    const answer = client.valueOf(await client.get(key));
    if (!sameValue(value(index), answer)) throw changed(load, index);
  });
}
