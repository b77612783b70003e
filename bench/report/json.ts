import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { Section } from '../bench.ts';
import type { Selection } from '../selection.ts';
import type { Environment } from '../support/environment.ts';
import { PACKAGE_ROOT } from '../support/package-root.ts';
import { standingOf } from './verdict.ts';

/** Raised when a reader of these files would have to change. */
const FORMAT = 2;

export const RESULTS_DIRECTORY: string = join(PACKAGE_ROOT, 'bench', 'results');

/** Writes everything that was measured, every slice included, and answers where. */
export function writeJson(
  selection: Selection,
  environment: Environment,
  sections: readonly Section[],
): string {
  const name = `${environment.date.replaceAll(/[:.]/g, '-')}.json`;
  const path =
    selection.json === undefined ? join(RESULTS_DIRECTORY, name) : resolve(selection.json);
  const report = {
    format: FORMAT,
    environment,
    selection,
    sections: sections.map(({ table, figures = [], data, verdicts = [] }) => ({
      table,
      figures,
      data,
      verdicts: verdicts.map(judged),
    })),
  };
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `${JSON.stringify(report, undefined, 1)}\n`);
  return path;
}

const judged = (verdict: NonNullable<Section['verdicts']>[number]): object => ({
  ...verdict,
  standing: standingOf(verdict),
});
