import type { Pace } from '../guest/pace.ts';
import type { Connected } from '../contenders/contender.ts';
import type { Stock } from './keys.ts';
import { sameValue } from './values.ts';

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

export function changed(index: number): Error {
  return new Error(`the value stored under key ${index} came back changed`);
}

/** Stores every value, then reads every one back: nobody is timed on wrong answers. */
export async function fillAndVerify(
  client: Connected,
  { keys, values }: Stock,
  pace?: Pace,
): Promise<void> {
  const stored = keys.slice(0, values.length);
  await forEachKey(stored, async (key, index) => {
    await pace?.turn(1);
    await client.set(key, values[index]);
  });
  await forEachKey(stored, async (key, index) => {
    await pace?.turn(1);
    const answer = client.valueOf(await client.get(key));
    if (!sameValue(values[index], answer)) throw changed(index);
  });
}
