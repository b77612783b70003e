import type { Placement } from '../../src/routing/hasher.ts';
import { hasherOf } from '../../src/routing/hashers.ts';
import type { Bench, Section } from '../bench.ts';
import { FRESH_KEYS, HASHES, placedKeys, serversOf } from '../micro/hashers.ts';
import { type Spread, spreadOf, spreadText } from '../report/spread.ts';
import type { Verdict } from '../report/verdict.ts';

const SERVERS = [1, 8, 64, 256];
const SLICE_MS = 20;
const KEYS_AT_ONCE = 512;
/** What a service asks for again and again. */
const REPEATED_KEYS = 256;

const MOST_NS = { rendezvous: 700, latelyPlaced: 200, other: 150 };
const VERDICT_SERVERS = 64;

interface Lane {
  readonly label: string;
  readonly servers: number;
  readonly placement: Placement;
  readonly nanoseconds: number[];
}

/** Goes into the report, so that no loop is found useless. */
let sink = 0;

function nanosecondsPerKey(
  { placement }: Lane,
  keys: readonly string[],
  milliseconds: number,
): number {
  const start = process.hrtime.bigint();
  const end = start + BigInt(Math.round(milliseconds * 1e6));
  let placed = 0;
  for (let now = start; now < end; now = process.hrtime.bigint()) {
    const from = placed % keys.length;
    const to = Math.min(from + KEYS_AT_ONCE, keys.length);
    for (let i = from; i < to; i++) sink += placement.locate(keys[i]);
    placed += to - from;
  }
  return Number(process.hrtime.bigint() - start) / placed;
}

/** What it costs to find a key's server: main-thread time that every operation pays. */
export async function* routing(bench: Bench): AsyncGenerator<Section> {
  yield sectionOf(bench, 'fresh', placedKeys(FRESH_KEYS));
  yield sectionOf(bench, 'repeated', placedKeys(REPEATED_KEYS));
}

function sectionOf(bench: Bench, kind: 'fresh' | 'repeated', keys: readonly string[]): Section {
  const lanes: Lane[] = SERVERS.flatMap((servers) =>
    HASHES.map(([label, hash]) => {
      const placement = hasherOf(hash)(serversOf(servers));
      return { label, servers, placement, nanoseconds: [] };
    }),
  );
  for (const lane of lanes) nanosecondsPerKey(lane, keys, SLICE_MS);
  for (let round = 0; round < bench.selection.rounds; round++) {
    bench.progress.show(`routing, ${kind} keys: round ${round + 1}/${bench.selection.rounds}`);
    for (const [i] of lanes.entries()) {
      const lane = lanes[(i + round) % lanes.length];
      lane.nanoseconds.push(nanosecondsPerKey(lane, keys, SLICE_MS));
    }
  }
  const titles = { fresh: 'not placed before', repeated: 'the same 256 again and again' };
  return {
    table: {
      title: `routing: ns to find the server of a 20-byte key, ${titles[kind]}`,
      head: ['', ...SERVERS.map((servers) => `${servers} servers`)],
      rows: HASHES.map(([label]) => [
        label,
        ...lanes.filter((lane) => lane.label === label).map((lane) => spreadText(figureOf(lane))),
      ]),
    },
    figures: SERVERS.map((servers) => ({
      kind: 'bars',
      title: `${servers} servers`,
      unit: ' ns',
      better: 'lower',
      rows: lanes
        .filter((lane) => lane.servers === servers)
        .map(({ label, nanoseconds }) => ({ label, ours: true, rounds: nanoseconds })),
    })),
    data: {
      kind,
      sink,
      lanes: lanes.map(({ label, servers, nanoseconds }) => ({ label, servers, nanoseconds })),
    },
    verdicts: lanes
      .filter(({ servers }) => servers === VERDICT_SERVERS)
      .flatMap((lane) => verdictsOf(lane, kind)),
  };
}

const figureOf = ({ nanoseconds }: Lane): Spread => spreadOf(nanoseconds);

function verdictsOf(lane: Lane, kind: 'fresh' | 'repeated'): Verdict[] {
  const isDefault = lane.label === 'rendezvous';
  if (!isDefault && kind === 'repeated') return [];
  const atMost = isDefault
    ? MOST_NS[kind === 'fresh' ? 'rendezvous' : 'latelyPlaced']
    : MOST_NS.other;
  return [
    {
      target: `routing: ${lane.label}, ${lane.servers} servers, ${kind} keys`,
      against: 'a fixed time',
      required: { atMost },
      unit: ' ns',
      measured: figureOf(lane),
    },
  ];
}
