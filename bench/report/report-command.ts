import { writeFileSync } from 'node:fs';
import { relative } from 'node:path';
import { flagLines, flagsAndFiles } from '../flags.ts';
import { environmentText } from '../support/environment.ts';
import { UsageError } from '../usage-error.ts';
import { readJson, type Report } from './json.ts';
import { pageOf } from './page.ts';
import { sectionText, verdictsText } from './text.ts';

const FLAGS = { help: { type: 'boolean', help: 'this text' } } as const;

const HELP = `usage: npm run bench -- report FILE.json

${flagLines(FLAGS)}

Page and text of a run, once more: the page is written beside the file, under its name with .html.`;

/** Writes the page beside the JSON of the same name, and answers where. */
export function writePage(jsonPath: string, report: Report): string {
  const path = `${jsonPath.replace(/\.json$/, '')}.html`;
  writeFileSync(path, pageOf(report));
  return path;
}

/** `npm run bench -- report a.json`: page and text of a run, once more. */
export function reportCommand(argv: readonly string[]): void {
  const { values, files } = flagsAndFiles(argv, FLAGS);
  if (values.help === true) {
    console.log(HELP);
    return;
  }
  if (files.length !== 1) throw new UsageError('report takes one JSON file of a run');
  const report = readJson(files[0]);
  const { environment, sections } = report;
  const parts = [environmentText(environment), ...sections.map(sectionText)];
  console.log([...parts, verdictsText(sections) ?? ''].join('\n\n'));
  console.log(`page: ${relative(process.cwd(), writePage(files[0], report))}`);
}
