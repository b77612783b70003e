import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import { keepFreedMemory } from '../../../src/primitives/kept-memory.ts';

const MIB = 1024 * 1024;

test('asks for one large block in a process, touches none of it, and bears to be refused', () => {
  const asked = mock.method(Buffer, 'allocUnsafeSlow', () => {
    throw new RangeError('Array buffer allocation failed');
  });
  const before = process.memoryUsage.rss();
  keepFreedMemory();
  assert.equal(asked.mock.callCount(), 1);
  const [bytes] = asked.mock.calls[0].arguments as [number];
  asked.mock.restore();

  const block = Buffer.allocUnsafeSlow(bytes);
  assert.ok(bytes > 16 * MIB && bytes < 32 * MIB, `${bytes} bytes teach glibc something`);
  assert.ok(process.memoryUsage.rss() - before < 8 * MIB, 'the block takes no memory');
  assert.equal(block.length, bytes);

  const again = mock.method(Buffer, 'allocUnsafeSlow');
  keepFreedMemory();
  assert.equal(again.mock.callCount(), 0);
  again.mock.restore();
});
