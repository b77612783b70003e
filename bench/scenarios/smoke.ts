import type { Bench, Section } from '../bench.ts';
import { loadSection } from './load.ts';

/** Few, so that slow clients have stored and read them soon. */
const KEYS = 1000;

/** Not speed: whether everything starts, answers rightly and ends. */
export async function* smoke(bench: Bench): AsyncGenerator<Section> {
  const some = { size: 100, kind: 'string', keys: KEYS } as const;
  yield* loadSection(bench, { ...some, operation: 'get', concurrency: 64 });
  yield* loadSection(bench, { ...some, operation: 'getMany', concurrency: 4 });
}
