import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { Section } from '../bench.ts';
import type { Selection } from '../selection.ts';
import type { Environment } from '../support/environment.ts';
import { PACKAGE_ROOT } from '../support/package-root.ts';
import { UsageError } from '../usage-error.ts';
import { standingOf, type Verdict } from './verdict.ts';

/** Raised when a reader of these files would have to change. */
export const FORMAT = 3;

export const RESULTS_DIRECTORY: string = join(PACKAGE_ROOT, 'bench', 'results');

/** A whole run: everything that was measured, every slice included. */
export interface Report {
  readonly format: number;
  readonly environment: Environment;
  readonly selection: Selection;
  readonly sections: readonly Section[];
}

/** Where the JSON of a run goes. */
export function jsonPath(selection: Selection, environment: Environment): string {
  const name = `${environment.date.replaceAll(/[:.]/g, '-')}.json`;
  return selection.json === undefined ? join(RESULTS_DIRECTORY, name) : resolve(selection.json);
}

export function writeJson(path: string, report: Report): void {
  const judged = (verdict: Verdict): object => ({ ...verdict, standing: standingOf(verdict) });
  const sections = report.sections.map((section) => ({
    ...section,
    verdicts: section.verdicts?.map(judged),
  }));
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `${JSON.stringify({ ...report, sections }, undefined, 1)}\n`);
}

/** Throws UsageError for a file that is none of these, or of another format. */
export function readJson(path: string): Report {
  const report = parsed(path);
  const format = typeof report === 'object' && report !== null && 'format' in report;
  if (!format || !('sections' in report)) {
    throw new UsageError(`${path} is no report of npm run bench`);
  }
  if (report.format !== FORMAT) {
    throw new UsageError(
      `${path} has format ${String(report.format)}, and only ${FORMAT} can be read: make it again with this version of the bench`,
    );
  }
  return report as Report;
}

function parsed(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new UsageError(`${path} cannot be read: ${(error as Error).message}`);
  }
}
