import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import type { Bench } from '../../bench/bench.ts';
import { SUBJECT } from '../../bench/contenders/roster.ts';
import type { LoadCase } from '../../bench/load/load-case.ts';
import { race } from '../../bench/race.ts';
import { Histograms } from '../../bench/report/histograms.ts';
import { Progress } from '../../bench/report/progress.ts';
import { selectionFrom } from '../../bench/selection.ts';
import { endAll } from '../../bench/support/processes.ts';
import { startFakeMemcached } from '../../src/testing/index.ts';

const PATIENCE_MS = 60_000;
const KEYS = 8;
const LOAD: LoadCase = {
  operation: 'get',
  size: 100,
  kind: 'string',
  concurrency: 4,
  keys: KEYS,
};

after(() => endAll());

/** A bench of memvolley alone on a server. */
function benchOn(port: number): Bench {
  const selection = selectionFrom(['--rival', 'none', '--rounds', '1', '--seconds', '0.1'], []);
  assert.ok(selection);
  const servers = [{ host: '127.0.0.1', port }];
  return {
    selection,
    pinning: { client: undefined, server: undefined, text: '' },
    progress: new Progress(),
    contenders: [SUBJECT],
    histograms: new Histograms(),
    serversFor: () => servers,
    fleet: () => Promise.resolve(servers),
    nodeArgsFor: () => [],
  };
}

test(
  'a value that is missing while a client is warmed up is told',
  { timeout: PATIENCE_MS },
  async () => {
    await using server = await startFakeMemcached();
    let asked = 0;
    server.intercept(({ verb, keys }) => {
      if (verb !== 'get') return undefined;
      const before = asked;
      asked += keys.length;
      // All have been stored and read back by then.
      return before === KEYS ? 'END\r\n' : undefined;
    });
    const entry = { label: 'memvolley', contender: SUBJECT, load: LOAD };
    const [{ slices, failure }] = await race(benchOn(server.port), 'get', [entry]);
    assert.match(failure ?? '', /^\d+ values were missing or wrong while it was warmed up$/);
    assert.deepEqual(slices, []);
  },
);
