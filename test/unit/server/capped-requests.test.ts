import assert from 'node:assert/strict';
import { test } from 'node:test';
import { metaLine, metaSetLine } from '../../../src/protocol/meta-requests.ts';
import { cappedMeta, cappedSet } from '../../../src/server/capped-requests.ts';

const remove = { verb: 'md', key: 'a' } as const;
const step = { verb: 'ma', key: 'a', mode: 'incr', delta: 1n } as const;

test('without a limit a request is what it was', () => {
  assert.equal(cappedMeta(step, undefined), step);
  const set = { mode: 'set', exptime: 0 } as const;
  assert.equal(cappedSet(set, undefined), set);
});

test('every exptime ends with the limit', () => {
  const line = (request: Parameters<typeof cappedMeta>[0]): string =>
    metaLine(cappedMeta(request, 10)).text;
  assert.equal(line({ ...step, exptime: 0, vivify: 0 }), 'ma a k MI D1 T10 N10 v c t');
  assert.equal(line({ ...step, exptime: 5, vivify: 3600 }), 'ma a k MI D1 T5 N10 v c t');
  assert.equal(line(step), 'ma a k MI D1 v c t');
  assert.equal(line({ ...remove, invalidate: true, exptime: 60 }), 'md a k I T10');
  assert.equal(line({ ...remove, invalidate: true }), 'md a k I');
  assert.equal(line({ ...remove, keepItem: true }), 'md a k T10 x');
  assert.equal(line({ ...remove, keepItem: true, exptime: 3 }), 'md a k T3 x');
  const set = (exptime?: number, vivify?: number): string =>
    metaSetLine('a', 1, 0, cappedSet({ mode: 'append', exptime, vivify }, 10)).text;
  assert.equal(set(0), 'ms a 1 k F0 MA T10');
  assert.equal(set(undefined, 0), 'ms a 1 k F0 MA N10');
  assert.equal(set(), 'ms a 1 k F0 MA');
});
