import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { Slice } from '../../bench/load/load-case.ts';
import { readJson, type Report } from '../../bench/report/json.ts';

const PROGRAM = new URL('../../bench/run.js', import.meta.url).pathname;
const PATIENCE_MS = 120_000;

const folder = mkdtempSync(join(tmpdir(), 'memvolley-bench-'));
after(() => rmSync(folder, { recursive: true }));

async function reportOf(scenario: string): Promise<Report> {
  const json = join(folder, `${scenario}.json`);
  const short = ['--rival', 'none', '--rounds', '1', '--seconds', '0.1'];
  const flags = ['--scenario', scenario, '--json', json, ...short];
  const child = spawn(process.execPath, ['--expose-gc', PROGRAM, ...flags], {
    stdio: 'ignore',
  });
  const [code] = (await once(child, 'exit')) as [number | null];
  assert.equal(code, 0);
  return readJson(json);
}

interface Ran {
  readonly contender: string;
  readonly slices: readonly Slice[];
}

test('every burst of a stall is watched, whoever encodes', { timeout: PATIENCE_MS }, async () => {
  const { sections } = await reportOf('stall');
  const [{ data, verdicts }] = sections as [Report['sections'][number]];
  const ran = data as Ran[];
  assert.deepEqual(
    ran.map(({ contender }) => contender),
    ['inline', 'auto', 'always'],
  );
  for (const { slices } of ran) {
    assert.equal(slices.length, 1);
    const [{ stallsMs = [], operations }] = slices;
    assert.equal(stallsMs.length, operations / 1000);
    assert.ok(stallsMs.length > 0 && stallsMs.every((stall) => stall > 0));
  }
  assert.ok((verdicts?.[0].measured?.median ?? 0) > 0);
});

test(
  'the heap of a get is watched, with its caller and without',
  { timeout: PATIENCE_MS },
  async () => {
    const { sections } = await reportOf('garbage');
    const [{ data, verdicts = [] }] = sections as [Report['sections'][number]];
    const [alone, subject] = (data as Ran[]).map(({ slices: [slice] }) => slice);
    const each = ({ garbage, operations }: Slice): number => (garbage?.bytes ?? 0) / operations;
    const own = verdicts[0].measured?.median ?? 0;
    assert.ok(each(alone) > 0);
    // A string of 100 characters is among it.
    assert.ok(own > 100, `${own} bytes`);
    assert.ok(Math.abs(each(subject) - each(alone) - own) < 1e-6);
  },
);
