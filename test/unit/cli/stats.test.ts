// What two looks at a server say of the time between them, and how it is shown.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Chronicle } from '../../../src/cli/stats/chronicle.ts';
import { type Rates, ratesOf, type Sample, sumOf } from '../../../src/cli/stats/sample.ts';
import {
  type Look,
  serverSparks,
  statsJson,
  statsPlots,
  statsTable,
} from '../../../src/cli/stats/stats-view.ts';
import { displayWidth } from '../../../src/cli/text/width.ts';

const sample = (
  atMs: number,
  stats: Record<string, number>,
  roundTrips: number[] = [],
): Sample => ({
  atMs,
  stats: new Map(Object.entries(stats)),
  roundTrips,
});

const plain = (text: string): string => text;
const look = (width: number): Look => ({ width, bold: plain, dim: plain, alarm: plain });

describe('rates', () => {
  const before = sample(0, { get_hits: 100, get_misses: 0, cmd_set: 10, evictions: 5 });

  test('are changes by seconds', () => {
    const after = sample(
      2000,
      { get_hits: 400, get_misses: 100, cmd_set: 30, evictions: 5, bytes: 7, limit_maxbytes: 70 },
      [0.1, 0.2, 9],
    );
    const rates = ratesOf(before, after);
    assert.equal(rates.getsPerSecond, 200);
    assert.equal(rates.hitRate, 0.75);
    assert.equal(rates.setsPerSecond, 10);
    assert.equal(rates.evictionsPerSecond, 0);
    assert.equal(rates.roundTripMs, 0.2);
    assert.equal(rates.worstRoundTripMs, 9);
    assert.equal(rates.usedBytes / rates.limitBytes, 0.1);
  });

  test('after a restart count from nothing, and without gets there is no hit rate', () => {
    assert.equal(ratesOf(before, sample(1000, { get_hits: 3 })).getsPerSecond, 3);
    assert.equal(ratesOf(before, before).hitRate, undefined);
    assert.equal(ratesOf(before, before).roundTripMs, undefined);
  });

  test('of all servers weigh the hit rate by gets, and take the slowest round trip', () => {
    const [a, b] = [
      ratesOf(sample(0, {}), sample(1000, { get_hits: 90, get_misses: 0 }, [1])),
      ratesOf(sample(0, {}), sample(1000, { get_hits: 0, get_misses: 10 }, [5])),
    ];
    const all = sumOf([a, b]);
    assert.equal(all.getsPerSecond, 100);
    assert.equal(all.hitRate, 0.9);
    assert.equal(all.roundTripMs, 5);
  });
});

const RATES: Rates = ratesOf(
  sample(0, {}),
  sample(
    1000,
    {
      get_hits: 12_345,
      get_misses: 300,
      cmd_set: 4000,
      evictions: 12,
      bytes: 2e7,
      limit_maxbytes: 67_108_864,
      curr_items: 1e5,
      curr_connections: 12,
    },
    [0.12, 0.4],
  ),
);
const READINGS = [
  { server: '10.0.0.1:11211', rates: RATES, error: undefined },
  { server: '日本.example:11211', rates: undefined, error: 'cannot connect to it' },
  { server: '10.0.0.3:11211', rates: RATES, error: undefined },
];

describe('view', () => {
  test('fits 40, 80 and 120 columns', () => {
    for (const width of [40, 80, 120]) {
      const chronicle = new Chronicle();
      for (let i = 0; i < 100; i++) chronicle.add(READINGS);
      const lines = [
        ...statsTable(READINGS, look(width)),
        ...statsPlots(chronicle, 40, look(width)),
        ...serverSparks(chronicle, look(width)),
      ];
      for (const line of lines) assert.ok(displayWidth(line) <= width, `${width}: ${line}`);
      assert.match(lines[0], /^server +hits +gets\/s/);
      assert.ok(lines.some((line) => line.startsWith('commands per second: 33.3k')));
    }
  });

  test('tells a lost server from one that is not known yet, and adds up', () => {
    const table = statsTable(READINGS, look(120));
    assert.match(table[2], /^日本\.example:11211 +lost$/);
    assert.match(table[4], /^all +97\.6 % +25\.3k +8k +24 +29\.8 % of 128 MiB +200k +24/);
    assert.equal(table[5], 'cannot connect to it');
    const first = statsTable([{ server: 'a:1', rates: undefined, error: undefined }], look(80));
    assert.match(first[1], /^a:1 +\.\.\.$/);
    assert.equal(first.length, 2);
  });

  test('has no more plots than lines', () => {
    const chronicle = new Chronicle();
    chronicle.add(READINGS);
    assert.deepEqual(statsPlots(chronicle, 4, look(80)), []);
    assert.equal(statsPlots(chronicle, 6, look(80)).length, 6);
    assert.equal(statsPlots(chronicle, 40, look(80)).length, 12);
    assert.equal(statsPlots(chronicle, 40, look(60)).length, 24);
  });

  test('as JSON has numbers, null for what is not known, and why a server is lost', () => {
    const { time, servers } = JSON.parse(statsJson(READINGS, new Date(0))) as {
      time: string;
      servers: Record<string, unknown>[];
    };
    assert.equal(time, '1970-01-01T00:00:00.000Z');
    assert.equal(servers[0]['getsPerSecond'], 12_645);
    assert.deepEqual(servers[1], { server: '日本.example:11211', error: 'cannot connect to it' });
  });
});
