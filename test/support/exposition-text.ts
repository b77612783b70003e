import assert from 'node:assert/strict';

/** One line of what Prometheus scrapes. */
export interface Scrape {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** What a scrape holds, line by line, and the type of each family. */
export interface Exposed {
  readonly samples: readonly Scrape[];
  readonly types: ReadonlyMap<string, string>;
  /** The value of the one sample with this name and these labels, whatever others it has. */
  value(name: string, labels?: Readonly<Record<string, string>>): number;
}

const SAMPLE = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (-?[\d.]+(?:e[+-]?\d+)?|[+-]Inf|NaN)$/;
const LABEL = /([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"(?:,|$)/y;
const SUFFIX = /_(?:bucket|sum|count)$/;

/** Reads the text format 0.0.4 strictly: a line that is none, a sample without a family or one that comes twice fails. */
export function readExposition(text: string): Exposed {
  assert.ok(text.endsWith('\n'), 'the last line ends');
  const [types, helps] = [new Map<string, string>(), new Set<string>()];
  const samples: Scrape[] = [];
  const seen = new Set<string>();
  for (const line of text.split('\n')) {
    const [, head, name, rest] = /^# (HELP|TYPE) (\S+) (.+)$/.exec(line) ?? [];
    if (head === 'HELP') helps.add(name);
    else if (head === 'TYPE') types.set(name, rest);
    else if (line !== '' && line !== '# EOF') {
      const sample = readSample(line);
      const family = types.has(sample.name) ? sample.name : sample.name.replace(SUFFIX, '');
      assert.ok(types.has(family) && helps.has(family), `no family for ${line}`);
      const told = Object.entries(sample.labels).map((label) => label.join('='));
      const identity = JSON.stringify([sample.name, told.toSorted()]);
      assert.ok(!seen.has(identity), `twice: ${line}`);
      seen.add(identity);
      samples.push(sample);
    }
  }
  const value: Exposed['value'] = (name, labels = {}) => {
    const found = samples.filter(
      (sample) =>
        sample.name === name &&
        Object.entries(labels).every(([label, wanted]) => sample.labels[label] === wanted),
    );
    assert.equal(found.length, 1, `${found.length} samples of ${name} ${JSON.stringify(labels)}`);
    return found[0].value;
  };
  return { samples, types, value };
}

function readSample(line: string): Scrape {
  const [, name, inBraces = '', number] = SAMPLE.exec(line) ?? assert.fail(`no sample: ${line}`);
  const labels: Record<string, string> = {};
  LABEL.lastIndex = 0;
  let read = 0;
  for (let found = LABEL.exec(inBraces); found !== null; found = LABEL.exec(inBraces)) {
    labels[found[1]] = found[2].replaceAll(/\\(.)/g, (_, c: string) => (c === 'n' ? '\n' : c));
    read = LABEL.lastIndex;
  }
  assert.equal(read, inBraces.length, `labels of ${line}`);
  return { name, labels, value: Number(number.replace('Inf', 'Infinity')) };
}
