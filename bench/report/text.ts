import type { Section } from '../bench.ts';
import { figureText } from './figure-text.ts';
import { tableText } from './table.ts';
import { verdictTable } from './verdict.ts';

/** A section for the terminal. */
export function sectionText({ table, figures = [] }: Section): string {
  return [tableText(table), ...figures.map(figureText)].join('\n\n');
}

/** The targets of all sections; undefined where there are none. */
export function verdictsText(sections: readonly Section[]): string | undefined {
  const verdicts = sections.flatMap((section) => section.verdicts ?? []);
  return verdicts.length === 0 ? undefined : tableText(verdictTable(verdicts));
}
