import type { Bench, Scenario, Section } from '../bench.ts';
import { describeLoad, type LoadCase, type LoadOperation } from '../load/load-case.ts';
import type { ValueKind } from '../load/values.ts';
import { entriesOf, race } from '../race.ts';
import { raceSection } from '../report/race-section.ts';
import { type Target, verdictOf } from '../report/targets.ts';
import { targetsOf } from './targeted.ts';

interface Choice {
  readonly sizes: readonly number[];
  readonly kinds: readonly ValueKind[];
  readonly concurrencies: readonly number[];
}

/** `targets`: what the load is held against, if anything. */
export async function* loadSection(
  bench: Bench,
  load: LoadCase,
  targets: readonly Target[] = [],
): AsyncGenerator<Section> {
  const title = describeLoad(load);
  const outcomes = await race(bench, title, entriesOf(bench.contenders, load));
  const verdicts = targets.map((target) => verdictOf(load, target, outcomes));
  yield { ...raceSection(title, outcomes), ...(verdicts.length > 0 && { verdicts }) };
}

/** Every combination of the sizes, kinds and concurrencies that were chosen, or else of these. */
export function loadScenario(operation: LoadOperation, usual: Choice): Scenario {
  return async function* (bench) {
    const {
      sizes = usual.sizes,
      kinds = usual.kinds,
      concurrencies = usual.concurrencies,
    } = bench.selection;
    for (const size of sizes) {
      for (const kind of kinds) {
        for (const concurrency of concurrencies) {
          const load = { operation, size, kind, concurrency };
          yield* loadSection(bench, load, targetsOf(load));
        }
      }
    }
  };
}
