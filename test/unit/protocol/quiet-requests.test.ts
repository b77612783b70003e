import assert from 'node:assert/strict';
import { test } from 'node:test';
import { wireKey } from '../../../src/protocol/key.ts';
import {
  type ChangeLine,
  changeLine,
  type QuietStoreVerb,
  storeLine,
} from '../../../src/protocol/quiet-requests.ts';

const BASE64 = wireKey(Buffer.from('a b'), '');
const CLASSIC = { meta: false, quiet: false };
const NOREPLY = { meta: false, quiet: true };
const META = { meta: true, quiet: false };
const Q = { meta: true, quiet: true };

test('stores, in each spelling', () => {
  const modes: [QuietStoreVerb, string][] = [
    ['set', 'S'],
    ['add', 'E'],
    ['replace', 'R'],
    ['append', 'A'],
    ['prepend', 'P'],
  ];
  for (const [verb, mode] of modes) {
    const store = { verb, key: 'k', flags: 16, exptime: -1, length: 5 };
    const lines = [CLASSIC, NOREPLY, META, Q].map((spelling) => storeLine(store, spelling));
    assert.deepEqual(lines, [
      `${verb} k 16 -1 5`,
      `${verb} k 16 -1 5 noreply`,
      `ms k 5 F16 T-1 M${mode}`,
      `ms k 5 F16 T-1 M${mode} q`,
    ]);
    assert.equal(storeLine({ ...store, key: BASE64 }, Q), `ms YSBi 5 b F16 T-1 M${mode} q`);
    assert.equal(storeLine({ ...store, key: BASE64 }, META), `ms YSBi 5 b F16 T-1 M${mode}`);
  }
});

test('changes of one line, in each spelling', () => {
  const changes: [ChangeLine, classic: string, meta: string, base64: string][] = [
    [{ verb: 'delete', key: 'k' }, 'delete k', 'md k', 'md YSBi b'],
    [{ verb: 'touch', key: 'k', exptime: 60 }, 'touch k 60', 'mg k T60', 'mg YSBi b T60'],
    [{ verb: 'incr', key: 'k', delta: 5n }, 'incr k 5', 'ma k MI D5', 'ma YSBi b MI D5'],
    [{ verb: 'decr', key: 'k', delta: 0n }, 'decr k 0', 'ma k MD D0', 'ma YSBi b MD D0'],
  ];
  for (const [change, classic, meta, base64] of changes) {
    assert.deepEqual(
      [CLASSIC, NOREPLY, META, Q].map((spelling) => changeLine(change, spelling)),
      [classic, `${classic} noreply`, meta, `${meta} q`],
    );
    assert.equal(changeLine({ ...change, key: BASE64 }, META), base64);
    assert.equal(changeLine({ ...change, key: BASE64 }, Q), `${base64} q`);
  }
});
