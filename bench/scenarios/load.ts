import type { Bench, Scenario, Section } from '../bench.ts';
import { describeLoad, type LoadCase, type LoadOperation } from '../load/load-case.ts';
import type { ValueKind } from '../load/values.ts';
import { entriesOf, race } from '../race.ts';
import { raceSection } from '../report/race-section.ts';

interface Choice {
  readonly sizes: readonly number[];
  readonly kinds: readonly ValueKind[];
  readonly concurrencies: readonly number[];
}

export async function* loadSection(bench: Bench, load: LoadCase): AsyncGenerator<Section> {
  const title = describeLoad(load);
  const outcomes = await race(bench, title, entriesOf(bench.contenders, load));
  yield raceSection(title, outcomes);
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
          yield* loadSection(bench, { operation, size, kind, concurrency });
        }
      }
    }
  };
}
