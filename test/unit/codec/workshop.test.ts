import assert from 'node:assert/strict';
import { test } from 'node:test';
import { resolveCodecOptions } from '../../../src/codec/codec-options.ts';
import { ValueCodec } from '../../../src/codec/value-codec.ts';
import { moduleOf, Workshop } from '../../../src/codec/workshop.ts';
import { newCodecMetrics } from '../../../src/codec/codec-metrics.ts';
import { warmUp } from './pool-support.ts';

test('workers start whatever functions a client was given', async () => {
  const functions = { connect: () => 1, hash: () => 2, tls: { checkServerIdentity: () => 3 } };
  const codec = new ValueCodec({ ...functions, offload: 'always', workers: 1 } as object);
  await warmUp(codec, 'some text '.repeat(1000));
  assert.equal(codec.metrics.workerFailures, 0);
  await codec.close();
});

test('a workshop counts where it is told to', () => {
  const metrics = newCodecMetrics();
  const options = resolveCodecOptions({});
  assert.equal(new Workshop(options, metrics).metrics, metrics);
  assert.notEqual(new Workshop(options).metrics, metrics);
});

test('the module of a codec, if it is one', () => {
  assert.equal(moduleOf({ module: './codec.js' }), './codec.js');
  assert.equal(moduleOf({ module: new URL('file:///codec.js') }), 'file:///codec.js');
  for (const other of ['json', undefined, { serialize: String }] as const) {
    assert.equal(moduleOf(other), undefined);
  }
});
