import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { GOLDEN_REPLIES } from '../support/golden-replies.ts';
import { type Asked, parseSlowly } from '../support/reference-parser.ts';
import type { RecordedStream } from '../support/record-streams.ts';
import { type Awaited, parse, type Reading } from '../support/reply-recorder.ts';
import { binaryValues, cutters, type Damage, damages, wireKeys } from '../support/streams.ts';
import { runs } from '../support/runs.ts';

const MAX_VALUE_BYTES = 20_000;

/** For each key whether it was found, and what was. */
const found = fc.uniqueArray(
  fc.record({
    key: wireKeys,
    found: fc.boolean(),
    flags: fc.integer({ min: 0, max: 0xffff_ffff }),
    cas: fc.option(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), { nil: undefined }),
    value: binaryValues,
  }),
  { minLength: 1, maxLength: 12, selector: ({ key }) => key },
);
const endings = fc.constantFrom('END\r\n', 'END\r\n', 'END\r\n', 'SERVER_ERROR out of memory\r\n');

/** What is asked, and the stream that answers it. */
interface Exchange {
  readonly asked: Asked;
  readonly stream: string;
}

const classic: fc.Arbitrary<Exchange> = fc.tuple(found, endings).map(([items, ending]) => {
  const replies = items.map(({ key, found: hit, flags, cas, value }) => {
    const token = cas === undefined ? '' : ` ${cas}`;
    return hit ? `VALUE ${key} ${flags} ${value.length}${token}\r\n${value}\r\n` : '';
  });
  const keys = items.map(({ key }) => key);
  return { asked: { grammar: 'items', keys }, stream: replies.join('') + ending };
});

/** Flags beside the key, in any order. */
const metaFlags = fc
  .subarray(['f7', 'c18446744073709551615', 's3', 't-1', 'l0', 'h1', 'W', 'X', 'Z', 'Oab', 'b'])
  .chain((flags) => fc.shuffledSubarray(flags, { minLength: flags.length }))
  .map((flags) => flags.map((flag) => ` ${flag}`).join(''));

const metaAnswer: fc.Arbitrary<{ key: string; reply: string }> = fc
  .tuple(
    wireKeys,
    fc.constantFrom('VA', 'VA', 'VA', 'EN', 'EN', 'HD', 'SERVER_ERROR busy', 'SERVER_ERROR'),
    metaFlags,
    binaryValues,
    fc.boolean(),
  )
  .map(([key, word, flags, value, named]) => {
    if (word === 'VA') return { key, reply: `VA ${value.length} k${key}${flags}\r\n${value}\r\n` };
    if (word.startsWith('SERVER_ERROR')) return { key, reply: `${word}\r\n` };
    return { key, reply: `${word}${named ? ` k${key}${flags}` : ''}\r\n` };
  });

const severalMeta: fc.Arbitrary<Exchange> = fc
  .uniqueArray(metaAnswer, { minLength: 1, maxLength: 12, selector: ({ key }) => key })
  .map((answers) => ({
    asked: { grammar: 'meta', keys: answers.map(({ key }) => key) },
    stream: answers.map(({ reply }) => reply).join(''),
  }));

/** A stream of answers, and what each of them answers. */
const conversationsOf = (exchange: fc.Arbitrary<Exchange>) =>
  fc.array(exchange, { minLength: 1, maxLength: 4 }).map((list) => ({
    asked: list.map(({ asked }) => asked),
    stream: list.map(({ stream }) => stream).join(''),
  }));
/** Made by test/support/record-streams.ts. */
const recorded = JSON.parse(
  readFileSync(new URL('../../../test/property/recorded-streams.json', import.meta.url), 'utf8'),
) as { memcached: string; streams: RecordedStream[] };

const CONVERSATIONS = [
  ['recorded answers', fc.constantFrom(...recorded.streams)],
  ['classic answers', conversationsOf(classic)],
  ['several meta answers per command', conversationsOf(severalMeta)],
  ['classic and meta answers by turns', conversationsOf(fc.oneof(classic, severalMeta))],
] as const;

const asAwaited = (list: readonly Asked[]): Awaited[] =>
  list.map(({ grammar, keys }) =>
    grammar === 'items'
      ? { grammar, keys }
      : { grammar, keys, several: true, lastLines: /^(?:HD|EN)(?: |$)/ },
  );

const damaged = (stream: string, harm: readonly Damage[]): Buffer =>
  harm.reduce<Buffer>((left, damage) => damage(left), Buffer.from(stream, 'latin1'));

const readBuffers = fc.oneof(
  fc.constantFrom(4096, 131_072),
  fc.integer({ min: 4096, max: 20_000 }),
);
const ways = fc.constantFrom('feed' as const, 'space' as const);

for (const { name, asked, stream } of recorded.streams) {
  test(`what memcached ${recorded.memcached} said, ${name}, is what a slow parser takes it for`, () => {
    const expected = parseSlowly(stream, asked, MAX_VALUE_BYTES);
    assert.equal(expected.end, 'complete');
    assert.ok(expected.calls.length > asked.length);
    const bytes = Buffer.from(stream, 'latin1');
    for (const readBufferBytes of [4096, 5000, 131_072]) {
      for (const every of [1, 2, 7, 64, 1460, bytes.length]) {
        const cuts = Array.from({ length: Math.ceil(bytes.length / every) }, (_, i) => i * every);
        const reading = {
          readBufferBytes,
          cuts,
          by: 'space',
          maxValueBytes: MAX_VALUE_BYTES,
        } as const;
        const { calls, error } = parse(bytes, asAwaited(asked), reading);
        assert.deepEqual({ calls, error }, { calls: expected.calls, error: undefined });
      }
    }
  });
}

for (const [name, conversations] of CONVERSATIONS) {
  test(`${name}, however they are split and read, are what a slow parser takes them for`, () => {
    fc.assert(
      fc.property(
        conversations,
        cutters,
        readBuffers,
        ways,
        ({ asked, stream }, cut, readBufferBytes, by) => {
          const expected = parseSlowly(stream, asked, MAX_VALUE_BYTES);
          assert.equal(expected.end, 'complete');
          const bytes = Buffer.from(stream, 'latin1');
          const reading: Reading = {
            readBufferBytes,
            by,
            cuts: cut(bytes.length),
            maxValueBytes: MAX_VALUE_BYTES,
          };
          const { calls, error, given } = parse(bytes, asAwaited(asked), reading);
          assert.deepEqual({ calls, error }, { calls: expected.calls, error: undefined });
          for (const { bytes: now, held } of given) assert.deepEqual(now, held);
        },
      ),
      runs(250),
    );
  });

  test(`${name}, damaged, are told up to the damage, and no further than a slow parser tells`, () => {
    fc.assert(
      fc.property(
        conversations,
        fc.array(damages, { minLength: 1, maxLength: 3 }),
        cutters,
        readBuffers,
        ({ asked, stream }, harm, cut, readBufferBytes) => {
          const bytes = damaged(stream, harm);
          const expected = parseSlowly(bytes.toString('latin1'), asked, MAX_VALUE_BYTES);
          const reading = {
            readBufferBytes,
            cuts: cut(bytes.length),
            maxValueBytes: MAX_VALUE_BYTES,
          };
          const { calls, error } = parse(bytes, asAwaited(asked), reading);
          assert.deepEqual(calls, expected.calls);
          if (expected.end === 'broken') assert.equal(error, 'ERR_MEMCACHE_PROTOCOL');
          if (expected.end === 'complete') assert.equal(error, undefined);
          // A slow parser waits for the end of what can already be seen to be wrong.
          assert.ok(error === undefined || error === 'ERR_MEMCACHE_PROTOCOL');
          for (const call of calls) {
            if (call[0] === 'item') assert.ok(bytes.includes(`${call[2]}\r\n`, 0, 'latin1'));
          }
        },
      ),
      runs(1000),
    );
  });
}

test('damaged replies of every kind come to the same, however they are split', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...GOLDEN_REPLIES),
      fc.array(damages, { minLength: 1, maxLength: 3 }),
      cutters,
      readBuffers,
      ({ stream, awaited }, harm, cut, readBufferBytes) => {
        const bytes = damaged(stream, harm);
        const whole = parse(bytes, awaited, { readBufferBytes });
        const split = parse(bytes, awaited, {
          readBufferBytes,
          cuts: cut(bytes.length),
          by: 'space',
        });
        assert.deepEqual([split.calls, split.error], [whole.calls, whole.error]);
        assert.ok([undefined, 'ERR_MEMCACHE_PROTOCOL'].includes(whole.error));
      },
    ),
    runs(1000),
  );
});

test('any bytes at all are calls or a protocol error', () => {
  const noise = fc.oneof(
    fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
    fc
      .array(
        fc.constantFrom(
          'VALUE ',
          'VA ',
          'a',
          'END',
          'HD',
          'STORED',
          '\r\n',
          '\n',
          ' ',
          '0',
          '5',
          'ERROR',
          'SERVER_ERROR',
          'f',
          'c',
          'k',
          't-',
          'W',
          'EN',
        ),
        { maxLength: 40 },
      )
      .map((words) => Buffer.from(words.join(''))),
  );
  const awaited: fc.Arbitrary<Awaited> = fc.constantFrom<Awaited>(
    { grammar: 'items', keys: ['a', 'aa', '5'] },
    { grammar: 'lines', lastLines: /^[A-Z]/, moreLines: /^\d/ },
    { grammar: 'meta', keys: [''], lastLines: /^[A-Z]{2}( |$)/ },
    { grammar: 'meta', keys: ['', 'a', ''], several: true, lastLines: /^[A-Z]{2}( |$)/ },
  );
  fc.assert(
    fc.property(noise, fc.array(awaited, { maxLength: 5 }), cutters, (bytes, list, cut) => {
      const whole = parse(bytes, list, { readBufferBytes: 4096 });
      const split = parse(bytes, list, { readBufferBytes: 4096, cuts: cut(bytes.length) });
      assert.deepEqual(split, whole);
      assert.ok([undefined, 'ERR_MEMCACHE_PROTOCOL'].includes(whole.error));
    }),
    runs(1500),
  );
});
