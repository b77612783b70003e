import { writeFileSync } from 'node:fs';
import { relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { ClientOptions } from '../../src/index.ts';
import { startChaosProxy } from '../../src/testing/chaos-proxy.ts';
import type { Bench } from '../bench.ts';
import { hostPort } from '../contenders/contender.ts';
import { SUBJECT } from '../contenders/roster.ts';
import { flagLines, numberFrom } from '../flags.ts';
import type { LoadCase } from '../load/load-case.ts';
import { spreadText } from '../report/spread.ts';
import { type Table, tableText } from '../report/table.ts';
import { type Selection, selectionFrom } from '../selection.ts';
import { type Environment, environmentText } from '../support/environment.ts';
import { UsageError } from '../usage-error.ts';
import { wins, worthOf } from './gain.ts';
import { COMMANDS, type Setting, SETTINGS } from './settings.ts';
import { type Candidate, type Place, sweep } from './sweep.ts';

const FLAGS = {
  rtt: { type: 'string', help: 'milliseconds of round trip to add, where nothing may lose either' },
  out: { type: 'string', help: 'where settings go that won (default: memvolley.config.json)' },
} as const;

const SHORTEST_SECONDS = 0.1;
const LONGEST_SECONDS = 1;
/** To start, fill and warm a process, until it is known better. */
const LANE_SECONDS = 1.5;
/** Of all the time, for the race of what won. */
const LAST_SHARE = 0.15;

type SetUp = (selection: Selection) => Promise<{ bench: Bench; environment: Environment }>;

/** `npm run bench -- tune`: which options win on this machine and these servers, and a file with those that do. */
export async function tuneCommand(argv: readonly string[], setUp: SetUp): Promise<void> {
  const { own, others } = splitFlags(argv);
  const selection = selectionFrom(['--rival', 'none', ...others], []);
  if (selection === undefined) {
    console.log(
      `usage: npm run bench -- tune [flags]\n\n${flagLines(FLAGS)}\n\nand --server, --minutes, --rounds, --seed as for scenarios`,
    );
    return;
  }
  if (selection.servers !== undefined && !selection.fullSpeed) {
    throw new UsageError('tune has a speed of its own: with --server only at --full-speed');
  }
  const rtt = numberFrom('rtt', own.rtt ?? '0', { from: 0 });
  const out = resolve(own.out ?? 'memvolley.config.json');
  const { bench, environment } = await setUp(selection);
  console.log(`${environmentText(environment)}\n`);
  const tuning = new Tuning(bench, await placesOf(bench, rtt));
  await tuning.sweepAll();
  const { options, gains } = await tuning.together();
  const measured = {
    date: environment.date,
    commit: environment.commit,
    servers: environment.servers,
  };
  writeFileSync(out, `${JSON.stringify({ options, gains, measured }, undefined, 2)}\n`);
  console.log(`settings: ${relative(process.cwd(), out)}`);
}

/** Its own flags, and what is the bench's. */
function splitFlags(argv: readonly string[]): {
  own: { rtt?: string | undefined; out?: string | undefined };
  others: string[];
} {
  const { values, tokens } = parseArgs({
    args: [...argv],
    options: FLAGS,
    strict: false,
    tokens: true,
  });
  const taken = new Set<number>();
  for (const token of tokens) {
    if (token.kind !== 'option' || !Object.hasOwn(FLAGS, token.name)) continue;
    taken.add(token.index);
    if (token.inlineValue === false) taken.add(token.index + 1);
  }
  const text = (value: unknown): string | undefined =>
    typeof value === 'string' ? value : undefined;
  return {
    own: { rtt: text(values.rtt), out: text(values.out) },
    others: argv.filter((_, index) => !taken.has(index)),
  };
}

/** Answers are delayed, in this process, which is none of those that are measured. */
async function placesOf(bench: Bench, rtt: number): Promise<Place[]> {
  const near: Place = { name: '' };
  const servers = bench.serversFor(SUBJECT);
  if (rtt === 0 || servers === undefined) return [near];
  const far = await Promise.all(
    servers.map(async (server) => {
      const proxy = await startChaosProxy({ to: hostPort(server) });
      proxy.set({ delayMs: rtt });
      return { host: '127.0.0.1', port: proxy.port };
    }),
  );
  return [near, { name: `, ${rtt} ms further away`, servers: far }];
}

class Tuning {
  readonly #bench: Bench;
  readonly #places: readonly Place[];
  readonly #endAt: number;
  readonly #winners: Candidate[] = [];
  /** What a client under one load in one place has taken of late, its start included. */
  #laneMs: number;

  constructor(bench: Bench, places: readonly Place[]) {
    const { minutes, rounds } = bench.selection;
    this.#places = places;
    this.#endAt = performance.now() + minutes * 60_000;
    const lanes = SETTINGS.reduce((sum, setting) => sum + this.#lanesOf(setting), 0);
    const spare = minutes * 60 * (1 - LAST_SHARE) - lanes * LANE_SECONDS;
    const seconds = Math.min(LONGEST_SECONDS, Math.max(SHORTEST_SECONDS, spare / (lanes * rounds)));
    this.#bench = {
      ...bench,
      selection: { ...bench.selection, seconds, warmUpSeconds: seconds },
    };
    this.#laneMs = (LANE_SECONDS + rounds * seconds) * 1000;
  }

  async sweepAll(): Promise<void> {
    const left: string[] = [];
    for (const setting of SETTINGS) {
      if (this.#hasTimeFor(setting)) await this.#sweepOne(setting);
      else left.push(setting.option);
    }
    if (left.length > 0) console.log(`no time left for ${left.join(', ')}: raise --minutes\n`);
  }

  /** What won, all at once: only together they are what is written. If they do not win, the best of them is. */
  async together(): Promise<{ options: ClientOptions; gains: Readonly<Record<string, string>> }> {
    const best = this.#winners.toSorted((a, b) => worthOf(b.gains) - worthOf(a.gains));
    let chosen = best[0]?.options ?? {};
    if (best.length > 1) {
      const all: ClientOptions = Object.assign({}, ...best.map(({ options }) => options));
      const loads = [
        ...new Set(SETTINGS.filter(({ option }) => option in all).flatMap((s) => s.loads)),
      ];
      const [joined] = await sweep(this.#benchFor(loads), [all], { loads, places: this.#places });
      this.#tell('all that won, together', [joined]);
      if (wins(joined.gains)) chosen = all;
      else console.log(`together they do not win: only ${JSON.stringify(chosen)} is kept\n`);
    }
    if (best.length === 0) console.log('nothing wins over the defaults here\n');
    const kept = best.filter(({ options }) => Object.keys(options).every((name) => name in chosen));
    const gains = kept.flatMap((candidate) =>
      candidate.gains.map(({ title, ratio }) => [
        `${JSON.stringify(candidate.options)}: ${title}`,
        spreadText(ratio),
      ]),
    );
    return { options: chosen, gains: Object.fromEntries(gains) };
  }

  #hasTimeFor(setting: Setting): boolean {
    const lastMs = this.#bench.selection.minutes * 60_000 * LAST_SHARE;
    const needMs = this.#lanesOf(setting) * this.#laneMs + lastMs;
    return performance.now() + needMs <= this.#endAt;
  }

  #lanesOf({ values, loads }: Setting): number {
    return (values.length + 1) * loads.length * this.#places.length;
  }

  async #sweepOne(setting: Setting): Promise<void> {
    const { option, values, loads } = setting;
    const options = values.map((value): ClientOptions => ({ [option]: value }));
    const startedAt = performance.now();
    const candidates = await sweep(this.#benchFor(loads), options, { loads, places: this.#places });
    this.#laneMs = (performance.now() - startedAt) / this.#lanesOf(setting);
    this.#tell(option, candidates);
    const [best] = candidates
      .filter(({ gains }) => wins(gains))
      .toSorted((a, b) => worthOf(b.gains) - worthOf(a.gains));
    if (best !== undefined) this.#winners.push(best);
  }

  /** Workers need a core of their own. */
  #benchFor(loads: readonly LoadCase[]): Bench {
    const bench = this.#bench;
    const pins = loads.every((load) => COMMANDS.includes(load));
    return pins ? bench : { ...bench, pinning: { ...bench.pinning, client: undefined } };
  }

  #tell(title: string, candidates: readonly Candidate[]): void {
    this.#bench.progress.clear();
    console.log(`${tableText(tableOf(title, candidates))}\n`);
  }
}

function tableOf(title: string, candidates: readonly Candidate[]): Table {
  const loads = candidates.find(({ gains }) => gains.length > 0)?.gains ?? [];
  return {
    title: `${title}: times the rate of the default`,
    head: ['', ...loads.map((gain) => gain.title), ''],
    remarks: true,
    rows: candidates.map(({ options, gains, failure }) => [
      JSON.stringify(options),
      ...(failure === undefined
        ? gains.map(({ ratio }) => spreadText(ratio))
        : loads.map(() => '-')),
      failure ??
        (wins(gains)
          ? 'wins'
          : gains.some(({ standing }) => standing === 'loss')
            ? 'loses'
            : 'noise'),
    ]),
  };
}
