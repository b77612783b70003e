import { writeFileSync } from 'node:fs';
import { relative } from 'node:path';
import type { ClientOptions } from '../../src/index.ts';
import { startChaosProxy } from '../../src/testing/chaos-proxy.ts';
import type { Bench } from '../bench.ts';
import { hostPort } from '../contenders/contender.ts';
import { SUBJECT } from '../contenders/roster.ts';
import type { LoadCase } from '../load/load-case.ts';
import { spreadText } from '../report/spread.ts';
import { type Table, tableText } from '../report/table.ts';
import type { Selection } from '../selection.ts';
import { type Environment, environmentText } from '../support/environment.ts';
import { chosenOf } from './choice.ts';
import { wins, worthOf } from './gain.ts';
import { COMMANDS, type Setting, SETTINGS } from './settings.ts';
import { type Candidate, type Place, sweep } from './sweep.ts';
import { tuneHelp, tuneRequestFrom } from './tune-flags.ts';

const SHORTEST_SECONDS = 0.1;
const LONGEST_SECONDS = 1;
/** To start, fill and warm a process, until it is known better. */
const LANE_SECONDS = 1.5;
/** Of all the time, for the race of what won. */
const LAST_SHARE = 0.15;

type SetUp = (selection: Selection) => Promise<{ bench: Bench; environment: Environment }>;

/** `npm run bench -- tune`: which options win on this machine and these servers, and a file with those that do. */
export async function tuneCommand(argv: readonly string[], setUp: SetUp): Promise<void> {
  const request = tuneRequestFrom(argv);
  if (request === undefined) {
    console.log(tuneHelp());
    return;
  }
  const { selection, rtt, out } = request;
  const { bench, environment } = await setUp(selection);
  console.log(`${environmentText(environment)}\n`);
  const tuning = new Tuning(bench, await placesOf(bench, rtt));
  await tuning.sweepAll();
  const { options, gains } = await tuning.chosen();
  const measured = {
    date: environment.date,
    commit: environment.commit,
    servers: environment.servers,
  };
  // As loadConfig reads it: options, and remarks whose names begin with $.
  const settings = { ...options, $gains: gains, $measured: measured };
  writeFileSync(out, `${JSON.stringify(settings, undefined, 2)}\n`);
  console.log(`settings: ${relative(process.cwd(), out)}`);
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

  /** What is written: it has won twice. */
  async chosen(): Promise<{ options: ClientOptions; gains: Readonly<Record<string, string>> }> {
    const chosen = await chosenOf(this.#winners, async (title, options) => {
      const loads = [
        ...new Set(SETTINGS.filter(({ option }) => option in options).flatMap((s) => s.loads)),
      ];
      const places = this.#places;
      const [candidate] = await sweep(this.#benchFor(loads), [options], { loads, places });
      this.#tell(title, [candidate]);
      return candidate;
    });
    if (chosen === undefined) {
      const once = this.#winners.length > 0 ? ': what won did not win again' : '';
      console.log(`nothing wins over the defaults here${once}\n`);
      return { options: {}, gains: {} };
    }
    const { options, gains } = chosen;
    const texts = gains.map(({ title, ratio }) => [title, spreadText(ratio)]);
    return { options, gains: Object.fromEntries(texts) };
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
