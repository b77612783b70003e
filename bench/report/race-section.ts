import type { Section } from '../bench.ts';
import type { Outcome } from '../race.ts';
import { raceFigures } from './race-figures.ts';
import { raceData, raceTable } from './race-table.ts';

/** A race as it is told, drawn and kept. */
export function raceSection(title: string, outcomes: readonly Outcome[]): Section {
  return {
    table: raceTable(title, outcomes),
    figures: raceFigures(outcomes),
    data: raceData(outcomes),
  };
}
