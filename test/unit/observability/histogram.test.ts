import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { LatencyRecorder } from '../../../src/observability/histogram.ts';
import type { LatencySnapshot } from '../../../src/observability/histogram.ts';

const MODULE = new URL('../../../src/observability/histogram.js', import.meta.url).href;

function taken(recorder: LatencyRecorder): LatencySnapshot {
  const snapshot = recorder.snapshot();
  assert.ok(snapshot);
  return snapshot;
}

function near(actual: number, expected: number): void {
  assert.ok(Math.abs(actual - expected) <= expected / 1000, `${actual} is not near ${expected}`);
}

test('percentiles are milliseconds', async () => {
  const recorder = new LatencyRecorder();
  await recorder.ready;
  for (let milliseconds = 1; milliseconds <= 1000; milliseconds++) recorder.record(milliseconds);
  const { p50, p90, p99, p999, max, count } = taken(recorder);
  near(p50, 500);
  near(p90, 900);
  near(p99, 990);
  near(p999, 999);
  near(max, 1000);
  assert.equal(count, 1000);
});

test('latencies below a millisecond keep their microseconds', async () => {
  const recorder = new LatencyRecorder();
  await recorder.ready;
  recorder.record(0.0424);
  assert.deepEqual(taken(recorder), {
    p50: 0.042,
    p90: 0.042,
    p99: 0.042,
    p999: 0.042,
    max: 0.042,
    count: 1,
  });
});

test('no percentile lies above the largest latency', async () => {
  const recorder = new LatencyRecorder();
  await recorder.ready;
  recorder.record(3000.001);
  const { p999, max } = taken(recorder);
  assert.ok(p999 <= max);
});

test('samples taken before the module has loaded count, up to a bound', async () => {
  const recorder = new LatencyRecorder();
  for (let i = 0; i < 5000; i++) recorder.record(7);
  assert.equal(recorder.snapshot(), undefined);
  await recorder.ready;
  assert.equal(taken(recorder).count, 1024);
  near(taken(recorder).p50, 7);
});

test('what is no latency is not counted, and a slow one counts as an hour', async () => {
  const recorder = new LatencyRecorder();
  for (const nonsense of [Number.NaN, -1, -Infinity]) recorder.record(nonsense);
  await recorder.ready;
  for (const nonsense of [Number.NaN, -1, -Infinity]) recorder.record(nonsense);
  assert.equal(recorder.snapshot(), undefined);
  recorder.record(Infinity);
  recorder.record(1e12);
  assert.equal(taken(recorder).count, 2);
  near(taken(recorder).max, 3_600_000);
});

test('reset forgets, before and after the module has loaded', async () => {
  const recorder = new LatencyRecorder();
  recorder.record(1);
  recorder.reset();
  await recorder.ready;
  assert.equal(recorder.snapshot(), undefined);
  recorder.record(1);
  recorder.reset();
  assert.equal(recorder.snapshot(), undefined);
  recorder.record(2);
  assert.equal(taken(recorder).count, 1);
  assert.equal(taken(recorder).max, 2);
});

test('a module that cannot be loaded rejects ready and harms nothing else', async () => {
  const recorder = new LatencyRecorder(() => Promise.reject(new Error('not installed')));
  await new Promise(setImmediate);
  recorder.record(1);
  assert.equal(recorder.snapshot(), undefined);
  await assert.rejects(recorder.ready, /not installed/);
});

test('the package is loaded by the first recorder, not by the import', async () => {
  const script = `
    import { createRequire } from 'node:module';
    const loaded = () => Object.keys(createRequire(import.meta.url).cache).some((path) => path.includes('hdr-histogram'));
    const { LatencyRecorder } = await import(${JSON.stringify(MODULE)});
    console.log(loaded());
    await new LatencyRecorder().ready;
    console.log(loaded());`;
  const { stdout } = await promisify(execFile)(process.execPath, [
    '--input-type=module',
    '-e',
    script,
  ]);
  assert.deepEqual(stdout.trim().split('\n'), ['false', 'true']);
});
