import assert from 'node:assert/strict';
import { listedKey, metadumpItem, mgdumpKey } from '../../../src/protocol/metadump.ts';

const PREFIX = 'p:';

/** One line of a listing, one character per byte. */
export function fuzz(data: Buffer): void {
  const line = data.toString('latin1');
  const item = metadumpItem(line);
  if (item !== undefined) {
    const { expires, lastAccess, slabClass, size, cas } = item;
    for (const number of [expires, lastAccess, slabClass, size]) assert.ok(!Number.isNaN(number));
    assert.match(cas, /^\d+$/);
    checkKey(item.bytes);
  }
  const key = mgdumpKey(line);
  if (key !== undefined) checkKey(key);
}

/** A caller finds the item under the key it is told. */
function checkKey(bytes: string): void {
  assert.ok(!/[^\0-\xff]/.test(bytes), 'a character that is no byte');
  for (const prefix of ['', PREFIX]) {
    const key = listedKey(bytes, prefix);
    if (key === undefined) continue;
    const own = Buffer.from(key).toString('latin1');
    assert.equal(prefix + own, bytes);
  }
}

export function seeds(): Buffer[] {
  return [
    'key=foo exp=-1 la=1700000000 cas=7 fetch=no cls=1 size=63',
    'key=p%3Afoo%20bar exp=1700000100 la=1700000000 cas=18446744073709551615 fetch=yes cls=39 size=524288 flags=16',
    'key=%zz exp=-1 la=1 cas=1 fetch=no cls=1 size=1',
    'key=%00%ff exp=-1 la=1 cas=1 fetch=no cls=1 size=1 ',
    'key=%C3%A9 exp=-1 la=1 cas=1 fetch=no cls=1 size=1',
    'mg foo',
    'mg p:foo',
    'mg Zm9v b',
    'mg AAH/ b ',
    'END',
    'BUSY currently processing crawler request',
  ].map((line) => Buffer.from(line, 'latin1'));
}
