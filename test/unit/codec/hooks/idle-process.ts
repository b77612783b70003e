// Run as a process of its own: it has to end by itself although its pool was never closed.
import { ValueCodec } from '../../../../src/codec/value-codec.ts';

const codec = new ValueCodec({ offload: 'always', workers: 1 });
const text = 'some text '.repeat(1000);
const giveUp = Date.now() + 20_000;

function again(): void {
  if (codec.metrics.encodedInPool > 0) process.stdout.write('worked in the pool');
  else if (Date.now() < giveUp) codec.encodeLater(text, 'k', () => setTimeout(again, 5));
}
again();
