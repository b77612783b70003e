import type { Bench, Section } from '../bench.ts';
import { loadSection } from './load.ts';

/** Not speed: whether everything starts, answers rightly and ends. */
export async function* smoke(bench: Bench): AsyncGenerator<Section> {
  yield* loadSection(bench, { operation: 'get', size: 100, kind: 'string', concurrency: 64 });
  yield* loadSection(bench, { operation: 'getMany', size: 100, kind: 'string', concurrency: 4 });
}
