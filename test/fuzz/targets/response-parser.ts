import assert from 'node:assert/strict';
import { BROKEN_REPLIES, GOLDEN_REPLIES } from '../../support/golden-replies.ts';
import { type Asked, parseSlowly } from '../../support/reference-parser.ts';
import { type Awaited, parse } from '../../support/reply-recorder.ts';
import { cutsOf, Input } from './bytes.ts';

const MAX_VALUE_BYTES = 20_000;
const MOST_COMMANDS = 8;

const READS: readonly Asked[] = [
  { grammar: 'items', keys: ['a', 'b', 'c', 'd', 'e'] },
  { grammar: 'items', keys: ['key'] },
  { grammar: 'meta', keys: ['a', 'b', 'c'] },
  { grammar: 'meta', keys: [''] },
];
const SEVERAL = /^(?:HD|EN)(?: |$)/;
const COMMANDS: readonly Awaited[] = [
  ...READS.map((asked): Awaited =>
    asked.grammar === 'items' ? asked : { ...asked, several: true, lastLines: SEVERAL },
  ),
  { grammar: 'lines', lastLines: /^(?:STORED|NOT_STORED|EXISTS|NOT_FOUND|\d+)$/ },
  { grammar: 'lines', moreLines: /^STAT /, lastLines: /^(?:END|RESET)$/ },
  { grammar: 'meta', keys: [''], lastLines: /^(?:HD|EN|NF|NS|EX|MN)\b/ },
  { grammar: 'items', keys: ['a', 'c'], unwanted: ['a'] },
];

/** Bytes: how many commands, which, how the stream is cut, then the stream. */
export function fuzz(data: Buffer): void {
  const input = new Input(data);
  const count = input.byte() % (MOST_COMMANDS + 1);
  const awaited = Array.from({ length: count }, () => input.pick(COMMANDS));
  const choice = input.byte();
  const stream = input.rest();
  const reading = { readBufferBytes: 4096, maxValueBytes: MAX_VALUE_BYTES };
  const whole = parse(stream, awaited, reading);
  const cuts = cutsOf(choice, stream.length);
  const split = parse(stream, awaited, { ...reading, cuts, by: 'space' });
  assert.deepEqual([split.calls, split.error], [whole.calls, whole.error]);
  assert.ok(whole.error === undefined || whole.error === 'ERR_MEMCACHE_PROTOCOL');
  for (const { bytes, held } of whole.given) assert.deepEqual(bytes, held);
  const asked = awaited.map((command) => READS[COMMANDS.indexOf(command)]);
  if (!asked.every((read) => read !== undefined)) return;
  const expected = parseSlowly(stream.toString('latin1'), asked, MAX_VALUE_BYTES);
  assert.deepEqual(whole.calls, expected.calls);
  if (expected.end === 'broken') assert.equal(whole.error, 'ERR_MEMCACHE_PROTOCOL');
  if (expected.end === 'complete') assert.equal(whole.error, undefined);
}

/** Replies behind the commands that fit them best. */
export function seeds(): Buffer[] {
  const kindOf = ({ grammar, keys = [], several, moreLines }: Awaited): number => {
    if (grammar === 'lines') return moreLines === undefined ? 4 : 5;
    if (grammar === 'meta') return several === true ? 2 : 6;
    return keys.length === 1 ? 1 : 0;
  };
  return [...GOLDEN_REPLIES, ...BROKEN_REPLIES].map(({ awaited, stream }, i) =>
    Buffer.concat([
      Buffer.from([
        Math.min(MOST_COMMANDS, awaited.length),
        ...awaited.slice(0, MOST_COMMANDS).map(kindOf),
        i % 9,
      ]),
      Buffer.from(stream, 'latin1'),
    ]),
  );
}
