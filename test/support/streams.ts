import * as fc from 'fast-check';

/** A key as it may stand on the wire, one character per byte. */
export const wireKeys: fc.Arbitrary<string> = fc
  .array(
    fc.integer({ min: 0x21, max: 0xff }).filter((byte) => byte !== 0x7f),
    { minLength: 1, maxLength: 12 },
  )
  .map((codes) => String.fromCharCode(...codes));

const ofProtocol = fc.constantFrom('\r\n', 'END\r\n', 'VALUE a 0 5\r\n', 'ERROR\r\n', 'x', '\n');
const anyBytes = fc
  .uint8Array({ maxLength: 200 })
  .map((bytes) => Buffer.from(bytes).toString('latin1'));
const protocolText = fc.array(ofProtocol, { maxLength: 20 }).map((pieces) => pieces.join(''));

/** Bytes of any kind and any length up to some thousands, one character each. */
export const binaryValues: fc.Arbitrary<string> = fc
  .tuple(
    fc.oneof(anyBytes, protocolText),
    fc.oneof({ weight: 3, arbitrary: fc.constant(1) }, fc.integer({ min: 2, max: 60 })),
  )
  .map(([text, times]) => text.repeat(times));

/** Places to cut a stream at, as shares of its length. */
const cutShares = fc.oneof(
  fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 30 }),
  fc.constant('every byte' as const),
);

/** Ways to cut a stream into pieces. */
export const cutters: fc.Arbitrary<(length: number) => number[]> = cutShares.map((shares) => {
  const cut = (length: number): number[] =>
    shares === 'every byte'
      ? Array.from({ length }, (_, at) => at)
      : shares.map((share) => Math.floor(share * length)).toSorted((a, b) => a - b);
  return Object.assign(cut, { toString: () => `cut at ${fc.stringify(shares)}` });
});

/** Damage done to a stream. */
export type Damage = (stream: Buffer) => Buffer;

const at = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

function damage(what: string, edit: (stream: Buffer) => Buffer): Damage {
  return Object.assign(edit, { toString: () => what });
}

const between = (stream: Buffer, from: number, to: number): [number, number] => {
  const ends = [from, to].map((share) => Math.floor(share * stream.length));
  return [Math.min(...ends), Math.max(...ends)];
};

/** One thing gone wrong: a byte changed, bytes lost, added, doubled or exchanged, the end missing. */
export const damages: fc.Arbitrary<Damage> = fc.oneof(
  fc.tuple(at, fc.integer({ min: 0, max: 255 })).map(([where, byte]) =>
    damage(`byte ${byte} at ${where}`, (stream) => {
      const changed = Buffer.from(stream);
      if (changed.length > 0) changed[Math.floor(where * changed.length)] = byte;
      return changed;
    }),
  ),
  fc.tuple(at, fc.constantFrom('0', '1', '9', ' ', '\r', '\n', '-', 'f')).map(([where, text]) =>
    damage(`${JSON.stringify(text)} in at ${where}`, (stream) => {
      const [, place] = between(stream, 0, where);
      return Buffer.concat([stream.subarray(0, place), Buffer.from(text), stream.subarray(place)]);
    }),
  ),
  fc.tuple(at, fc.integer({ min: 1, max: 5 })).map(([where, count]) =>
    damage(`${count} lost at ${where}`, (stream) => {
      const [, place] = between(stream, 0, where);
      return Buffer.concat([stream.subarray(0, place), stream.subarray(place + count)]);
    }),
  ),
  fc.tuple(at, at).map(([from, to]) =>
    damage(`doubled from ${from} to ${to}`, (stream) => {
      const [start, end] = between(stream, from, to);
      return Buffer.concat([stream.subarray(0, end), stream.subarray(start)]);
    }),
  ),
  fc.tuple(at, at).map(([from, to]) =>
    damage(`exchanged at ${from} and ${to}`, (stream) => {
      const [start, end] = between(stream, from, to);
      const parts = [stream.subarray(0, start), stream.subarray(end), stream.subarray(start, end)];
      return Buffer.concat(parts);
    }),
  ),
  at.map((where) =>
    damage(`cut off at ${where}`, (stream) => stream.subarray(0, between(stream, 0, where)[1])),
  ),
);
