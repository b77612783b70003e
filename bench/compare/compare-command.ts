import { compact } from '../plot/axis.ts';
import { flagLines, flagsAndFiles, numberFrom } from '../flags.ts';
import { readJson, type Report } from '../report/json.ts';
import { tableText } from '../report/table.ts';
import { UsageError } from '../usage-error.ts';
import { type Change, type Comparison, comparisonsOf, CONFIDENCE } from './comparison.ts';

const FLAGS = {
  threshold: { type: 'string', help: 'percent below which nothing is a regression (default: 5)' },
  absolute: { type: 'boolean', help: 'judge figures too that no other client stands beside' },
  help: { type: 'boolean', help: 'this text' },
} as const;

const HELP = `usage: npm run bench -- compare [flags] BEFORE.json AFTER.json

${flagLines(FLAGS)}

Every figure of memvolley is divided by the geometric mean of what the other clients and the raw socket did in the
same round, so that a slow machine is no regression. By how much it has changed is Hodges and Lehmann's estimate over
all pairs of a round before and a round after; beside it stands its ${CONFIDENCE * 100} % interval, exactly that of the Mann-Whitney
test. Nothing is drawn by chance. A round in which one of them was void is left out of all of them. A change counts if the whole interval is beyond the threshold; the program then ends
with 1 if one is for the worse. Take five rounds at least, more for a narrower interval.

A run has one process for each client. What differs from one process to the next, such as what was compiled when, is
in no interval: before you blame a commit, make both files again.`;

/** `npm run bench -- compare a.json b.json`: what has become faster or slower. */
export function compareCommand(argv: readonly string[]): void {
  const { values, files } = flagsAndFiles(argv, FLAGS);
  if (values.help === true) {
    console.log(HELP);
    return;
  }
  const threshold = numberFrom('threshold', values.threshold ?? '5', { from: 0 });
  if (files.length !== 2) throw new UsageError('compare takes two JSON files, before and after');
  const [before, after] = files.map(readJson);
  const comparisons = comparisonsOf(before, after, {
    threshold,
    absolute: values.absolute ?? false,
  });
  const differences = differencesOf(before, after);
  console.log(comparisonText(comparisons, threshold, differences));
  if (comparisons.some(({ change }) => change === 'regressed')) process.exitCode = 1;
}

const percentText = (factor: number): string => {
  const percent = (factor - 1) * 100;
  return `${percent < 0 ? '' : '+'}${percent.toFixed(1)}`;
};

function comparisonText(
  comparisons: readonly Comparison[],
  threshold: number,
  differences: readonly string[],
): string {
  const rows = comparisons.map(({ section, figure, label, factor, change, ...more }) => [
    `${section}: ${figure}, ${label}`,
    ...(factor === undefined
      ? ['-', '-', 'too few rounds in which nobody was void']
      : [
          `${compact(more.before)}${more.unit}`,
          `${compact(more.after)}${more.unit}`,
          `${percentText(factor.estimate)} % [${percentText(factor.low)}..${percentText(factor.high)}]`,
        ]),
    change === 'regressed' ? 'REGRESSED' : change,
  ]);
  const count = (wanted: Change): string =>
    `${comparisons.filter(({ change }) => change === wanted).length} ${wanted}`;
  const table = tableText({
    title: `before and after, beside the others in the same round (x) or as measured; ${CONFIDENCE * 100} % intervals`,
    head: ['', 'before', 'after', 'change', ''],
    rows,
    remarks: true,
    notes: differences,
  });
  const changes = (['regressed', 'improved', 'alike', 'not judged'] as const).map(count);
  return `${table}\n\n${changes.join(', ')}; the threshold is ${threshold} %`;
}

const IRRELEVANT = ['date', 'commit', 'loadBefore'];

/** What the runs differ in, and should not. */
function differencesOf(before: Report, after: Report): string[] {
  const flat = ({ environment, selection }: Report): Map<string, string> => {
    const { packages, others, ...rest } = environment;
    const entries = Object.entries({
      ...rest,
      ...packages,
      ...Object.fromEntries(others.map(({ name, version }) => [name, version])),
      'seconds of a slice': selection.seconds,
    });
    const relevant = entries.filter(([name]) => !IRRELEVANT.includes(name));
    return new Map(relevant.map(([name, value]) => [name, String(value)]));
  };
  const [then, now] = [flat(before), flat(after)];
  return [...new Set([...then.keys(), ...now.keys()])]
    .filter((name) => then.get(name) !== now.get(name))
    .map(
      (name) =>
        `${name} differs: ${then.get(name) ?? 'none'} before, ${now.get(name) ?? 'none'} after`,
    );
}
