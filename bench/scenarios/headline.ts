import type { Bench, Section } from '../bench.ts';
import { codecHeadline } from './codec.ts';
import { importTime } from './import-time.ts';
import { TARGETED, targetedSection } from './targeted.ts';

/** What has a target and fits into five minutes. */
export async function* headline(bench: Bench): AsyncGenerator<Section> {
  for (const one of TARGETED.filter((each) => each.headline)) yield targetedSection(bench, one);
  yield* codecHeadline(bench);
  yield* importTime(bench);
}

/** What has a target, too. */
export async function* further(bench: Bench): AsyncGenerator<Section> {
  for (const one of TARGETED.filter((each) => !each.headline)) yield targetedSection(bench, one);
}
