import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { chosenOf } from '../../../bench/tune/choice.ts';
import { gainOf } from '../../../bench/tune/gain.ts';
import type { Candidate } from '../../../bench/tune/sweep.ts';
import { tuneRequestFrom } from '../../../bench/tune/tune-flags.ts';
import { UsageError } from '../../../bench/usage-error.ts';
import type { ClientOptions } from '../../../src/index.ts';

const USUAL = [1000, 1010, 990, 1005, 995];
const candidate = (options: ClientOptions, by: number): Candidate => ({
  options,
  gains: [gainOf({ title: 'get', usual: USUAL, tried: USUAL.map((rate) => rate * by) })],
});

describe('what is kept of the winners', () => {
  const LESS = candidate({ volleyKeys: 200 }, 1.1);
  const MORE = candidate({ connections: 2 }, 1.3);
  const BOTH = { ...LESS.options, ...MORE.options };

  /** What is chosen where a race has these gains, and what was raced. */
  async function chosen(
    winners: readonly Candidate[],
    gains: Readonly<Record<string, number>>,
  ): Promise<{ options: ClientOptions | undefined; raced: ClientOptions[] }> {
    const raced: ClientOptions[] = [];
    const found = await chosenOf(winners, (_title, options) => {
      raced.push(options);
      return Promise.resolve(candidate(options, gains[Object.keys(options).join('+')]));
    });
    return { options: found?.options, raced };
  }

  test('a single one races once more, and is not kept if it does not win again', async () => {
    const again = await chosen([LESS], { volleyKeys: 1.2 });
    assert.deepEqual(again, { options: LESS.options, raced: [LESS.options] });
    const lucky = await chosen([LESS], { volleyKeys: 1 });
    assert.deepEqual(lucky, { options: undefined, raced: [LESS.options] });
  });

  test('all of them are kept if they win together', async () => {
    const together = await chosen([LESS, MORE], { 'volleyKeys+connections': 1.5 });
    assert.deepEqual(together, { options: BOTH, raced: [BOTH] });
  });

  test('else the best races once more', async () => {
    const best = await chosen([LESS, MORE], { 'volleyKeys+connections': 0.9, connections: 1.3 });
    assert.deepEqual(best, { options: MORE.options, raced: [BOTH, MORE.options] });
    const none = await chosen([LESS, MORE], { 'volleyKeys+connections': 0.9, connections: 1 });
    assert.deepEqual(none, { options: undefined, raced: [BOTH, MORE.options] });
  });

  test('what it gains is what it gained in the last race', async () => {
    const found = await chosenOf([LESS], (_title, options) =>
      Promise.resolve(candidate(options, 1.05)),
    );
    assert.equal(found?.gains[0].ratio.median, 1.05);
  });

  test('without winners nothing is raced', async () => {
    assert.deepEqual(await chosen([], {}), { options: undefined, raced: [] });
  });
});

describe('the flags of tune', () => {
  const folder = mkdtempSync(join(tmpdir(), 'memvolley-tune-'));
  after(() => rmSync(folder, { recursive: true }));
  const refused = (flags: readonly string[], message: RegExp): void => {
    assert.throws(
      () => tuneRequestFrom(flags),
      (error) => error instanceof UsageError && message.test(error.message),
      flags.join(' '),
    );
  };

  test('say where, how long, how far away and where to', () => {
    const out = join(folder, 'tuned.json');
    const [server, seed] = ['[::1]:11211', '7'];
    const request = tuneRequestFrom(
      `--server ${server} --full-speed --minutes 2 --rounds 6 --seed ${seed} --rtt 1.5 --out ${out}`.split(
        ' ',
      ),
    );
    assert.ok(request);
    const { selection, rtt } = request;
    assert.deepEqual([request.out, rtt], [out, 1.5]);
    const { minutes, rounds, rivals, servers } = selection;
    assert.deepEqual([minutes, rounds, selection.seed, rivals], [2, 6, 7, []]);
    assert.deepEqual(servers, [{ host: '::1', port: 11_211 }]);
    assert.deepEqual(readdirSync(folder), []);
    assert.equal(tuneRequestFrom(['--help']), undefined);
  });

  test('are refused where they would be ignored', () => {
    for (const flag of ['seconds', 'size', 'concurrency', 'json', 'scenario', 'rival']) {
      refused([`--${flag}`, '1'], new RegExp(`'--${flag}'.*; the flags are --rtt, --out, `));
    }
    for (const flag of ['--rtt', '--out', '--minutes']) refused([flag], /argument missing/);
    refused(['--server', 'localhost:1'], /only at --full-speed/);
  });

  test('ask for as many rounds as a gain takes', () => {
    refused(['--rounds', '4'], /takes 5 rounds or more/);
  });

  test('name a file that can be written, which is left as it is', () => {
    refused(['--out', join(folder, 'none', 'tuned.json')], /--out cannot be written/);
    refused(['--out', folder], /--out cannot be written/);
    const file = join(folder, 'before.json');
    writeFileSync(file, 'before');
    refused(['--out', join(file, 'tuned.json')], /--out cannot be written/);
    assert.equal(tuneRequestFrom(['--out', file])?.out, file);
    assert.equal(readFileSync(file, 'utf8'), 'before');
  });
});
