import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { test } from 'node:test';

const CODEC = new URL('../../../src/codec/value-codec.js', import.meta.url).href;

/** Whether a process on these cores would hand a large text to a worker. */
function offloads(cores: string, offload: string): boolean {
  const program = `
    const { ValueCodec } = await import(${JSON.stringify(CODEC)});
    const codec = new ValueCodec({ offload: ${JSON.stringify(offload)} });
    console.log(codec.offloadsEncode('text '.repeat(10_000)));`;
  const node = [process.execPath, '--input-type=module', '--eval', program];
  const { stdout, stderr } = spawnSync('taskset', ['-c', cores, ...node], { encoding: 'utf8' });
  assert.match(stdout, /^(true|false)\n$/, stderr);
  return stdout === 'true\n';
}

const reason = spawnSync('taskset', ['--version']).error !== undefined && 'no taskset here';
const skip = reason || (availableParallelism() < 2 && 'one core here');

test("with offload 'auto' workers are asked where there are two cores", { skip }, () => {
  assert.equal(offloads('0,1', 'auto'), true);
  assert.equal(offloads('0', 'auto'), false);
  assert.equal(offloads('0', 'always'), true);
});
