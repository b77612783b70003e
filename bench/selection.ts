import type { Address } from './contenders/contender.ts';
import { RIVALS } from './contenders/roster.ts';
import { flagLines, type FlagValues, flagValues, helpLines, numberFrom } from './flags.ts';
import { ARRIVALS, type Arrivals } from './load/arrivals.ts';
import { VALUE_KINDS, type ValueKind } from './load/values.ts';
import { WORKLOAD_NAMES, type WorkloadName } from './load/workloads.ts';
import { UsageError } from './usage-error.ts';

/** What to run, as the flags say it. Undefined lists leave the choice to the scenario. */
export interface Selection {
  readonly scenarios: readonly string[];
  readonly rivals: readonly string[];
  readonly sizes: readonly number[] | undefined;
  readonly kinds: readonly ValueKind[] | undefined;
  readonly concurrencies: readonly number[] | undefined;
  readonly processes: readonly number[];
  readonly workloads: readonly WorkloadName[] | undefined;
  /** Calls per second, in the open loop. */
  readonly rates: readonly number[] | undefined;
  readonly arrivals: Arrivals;
  readonly seed: number;
  /** All latencies are kept in files of their own. */
  readonly histograms: boolean;
  readonly rounds: number;
  readonly seconds: number;
  readonly warmUpSeconds: number;
  readonly minutes: number;
  /** Those of somebody, on which the bench is a guest. */
  readonly servers: readonly Address[] | undefined;
  /** A guest without limits. */
  readonly fullSpeed: boolean;
  /** Without memcached, on the test server. */
  readonly embedded: boolean;
  readonly json: string | undefined;
  readonly profile: boolean;
  readonly smoke: boolean;
}

const FLAGS = {
  scenario: { type: 'string', help: 'which scenarios, comma-separated (default: headline)' },
  rival: {
    type: 'string',
    help: `${RIVALS.map(({ name }) => name).join(', ')}; none; all (default: all; with --server: none)`,
  },
  size: { type: 'string', help: 'value sizes in bytes, or all (100,1000,10000,100000)' },
  kind: { type: 'string', help: 'string, buffer, object, or all' },
  concurrency: { type: 'string', help: 'callers, or all (1,16,64,512,4096)' },
  processes: { type: 'string', help: 'processes of a service (default: 1,2)' },
  workload: { type: 'string', help: `${WORKLOAD_NAMES.join(', ')}; all` },
  rate: { type: 'string', help: 'calls per second in the open loop (default: 60000,100000)' },
  arrivals: { type: 'string', help: 'poisson or constant, in the open loop (default: poisson)' },
  seed: { type: 'string', help: 'what all that is random comes from (default: 1)' },
  histograms: { type: 'boolean', help: 'keep all latencies beside the figures, .hgrm and .hlog' },
  rounds: { type: 'string', help: 'interleaved rounds (default: 5)' },
  seconds: { type: 'string', help: 'length of each slice (default: 1; headline: 0.6)' },
  minutes: { type: 'string', help: 'length of the memory scenario (default: 5)' },
  server: {
    type: 'string',
    multiple: true,
    help: 'host:port of a memcached that runs already, once for each; nothing is started then',
  },
  'full-speed': { type: 'boolean', help: 'with --server: no limit of rate and connections' },
  embedded: {
    type: 'boolean',
    help: 'without memcached, on the in-process test server: its figures are no figures of memcached',
  },
  json: { type: 'string', help: 'where the figures go (default: bench/results/<time>.json)' },
  profile: { type: 'boolean', help: 'write CPU profiles of memvolley to bench/results/' },
  smoke: { type: 'boolean', help: 'two tiny cases, one round: does it work at all?' },
  help: { type: 'boolean', help: 'this text' },
} as const;

/** What runs on somebody's servers when nothing is chosen. */
const GUEST_SCENARIOS = ['get', 'getMany', 'mixed'];
const ALL_SIZES = [100, 1000, 10_000, 100_000];
const ALL_PROCESSES = [1, 2];
const ALL_CONCURRENCIES = [1, 16, 64, 512, 4096];

export function helpText(scenarios: readonly [string, string][]): string {
  return [
    'usage: npm run bench -- [flags]',
    '       npm run bench -- compare BEFORE.json AFTER.json   regressions (compare --help)',
    '       npm run bench -- report FILE.json   page and text of a run, once more',
    '       npm run bench -- tune [flags]   which options win here (tune --help)\n',
    flagLines(FLAGS),
    '\nscenarios:',
    helpLines(scenarios),
  ].join('\n');
}

function listOf<T>(
  flag: string,
  given: string | undefined,
  all: readonly T[],
  parse: (word: string) => T,
): readonly T[] | undefined {
  if (given === undefined) return undefined;
  if (given === 'all') return all;
  const list = given.split(',').map((word) => parse(word.trim()));
  if (list.length === 0) throw new UsageError(`--${flag} is empty`);
  return list;
}

/** `besides`: what is taken alone, and is no word of a list. */
function oneOf<T extends string>(
  flag: string,
  allowed: readonly T[],
  besides: readonly string[] = [],
): (word: string) => T {
  return (word) => {
    const found = allowed.find((name) => name === word);
    if (found === undefined)
      throw new UsageError(
        `--${flag} does not know ${word}; it takes ${[...allowed, ...besides].join(', ')}`,
      );
    return found;
  };
}

/** Nothing is measured in less, in seconds or minutes. */
const SHORTEST = 0.01;

const counted =
  (flag: string) =>
  (word: string): number =>
    numberFrom(flag, word, { from: 1, whole: true });

const LARGEST_PORT = 65_535;

function addressOf(given: string): Address {
  const [, v6, name, digits] = /^(?:\[([^[\]]+)\]|([^:[\]]+)):(\d+)$/.exec(given) ?? [];
  const host = v6 ?? name;
  const port = Number(digits);
  if (host === undefined || port < 1 || port > LARGEST_PORT) {
    throw new UsageError(
      `--server takes host:port or [v6]:port, ports from 1 to ${LARGEST_PORT}, not ${given}`,
    );
  }
  return { host, port };
}

function rivalsFrom(given: string | undefined): readonly string[] {
  const names = RIVALS.map(({ name }) => name);
  if (given === 'none') return [];
  return listOf('rival', given, names, oneOf('rival', names, ['none', 'all'])) ?? names;
}

type Drawn = Pick<Selection, 'workloads' | 'rates' | 'arrivals' | 'seed' | 'histograms'>;

/** What is asked for, and when. */
function drawnFrom(given: FlagValues<typeof FLAGS>): Drawn {
  return {
    workloads: listOf(
      'workload',
      given.workload,
      WORKLOAD_NAMES,
      oneOf('workload', WORKLOAD_NAMES),
    ),
    rates: given.rate?.split(',').map(counted('rate')),
    arrivals: oneOf('arrivals', ARRIVALS)(given.arrivals ?? 'poisson'),
    seed: numberFrom('seed', given.seed ?? '1', { from: 0, whole: true }),
    histograms: given.histograms ?? false,
  };
}

/** Whose servers, and what follows from that where nothing else is said. */
function guestFrom(
  given: FlagValues<typeof FLAGS>,
): Pick<Selection, 'servers' | 'fullSpeed' | 'rivals' | 'scenarios'> {
  const servers = given.server?.map(addressOf);
  if (servers !== undefined && given.embedded === true) {
    throw new UsageError('--embedded is for where there is no server: not together with --server');
  }
  const fullSpeed = given['full-speed'] ?? false;
  if (servers === undefined) {
    if (fullSpeed) throw new UsageError('--full-speed is for --server: elsewhere nothing is slow');
    return { servers, fullSpeed, rivals: rivalsFrom(given.rival), scenarios: ['headline'] };
  }
  const scenarios = fullSpeed ? ['headline'] : GUEST_SCENARIOS;
  return { servers, fullSpeed, rivals: rivalsFrom(given.rival ?? 'none'), scenarios };
}

/** Undefined when help was asked for. */
export function selectionFrom(
  argv: readonly string[],
  scenarios: readonly string[],
): Selection | undefined {
  const given = flagValues(argv, FLAGS);
  if (given.help === true) return undefined;
  const time = (flag: 'seconds' | 'minutes', usual: number): number =>
    numberFrom(flag, given[flag] ?? String(usual), { from: SHORTEST });
  const smoke = given.smoke ?? false;
  const chosen = listOf('scenario', given.scenario, scenarios, oneOf('scenario', scenarios));
  const guest = guestFrom(given);
  const headline = chosen === undefined || chosen.includes('headline');
  const seconds = time('seconds', smoke ? 0.1 : headline ? 0.6 : 1);
  return {
    ...guest,
    scenarios: chosen ?? (smoke ? ['smoke'] : guest.scenarios),
    sizes: listOf('size', given.size, ALL_SIZES, counted('size')),
    kinds: listOf('kind', given.kind, VALUE_KINDS, oneOf('kind', VALUE_KINDS)),
    concurrencies: listOf(
      'concurrency',
      given.concurrency,
      ALL_CONCURRENCIES,
      counted('concurrency'),
    ),
    processes:
      listOf('processes', given.processes, ALL_PROCESSES, counted('processes')) ?? ALL_PROCESSES,
    ...drawnFrom(given),
    rounds: counted('rounds')(given.rounds ?? (smoke ? '1' : '5')),
    seconds,
    warmUpSeconds: Math.min(seconds, 1),
    minutes: time('minutes', 5),
    embedded: given.embedded ?? false,
    json: given.json,
    profile: given.profile ?? false,
    smoke,
  };
}
