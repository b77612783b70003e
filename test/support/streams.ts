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

function damage(what: string, edit: (stream: Buffer) => Buffer): Damage {
  return Object.assign(edit, { toString: () => what });
}

const between = (stream: Buffer, from: number, to: number): [number, number] => {
  const ends = [from, to].map((share) => Math.floor(share * stream.length));
  return [Math.min(...ends), Math.max(...ends)];
};

/** Another order of the lines of a stream. */
const relined = (edit: (lines: string[]) => void) => (stream: Buffer) => {
  const lines = stream.toString('latin1').split(/(?<=\r\n)/);
  edit(lines);
  return Buffer.from(lines.join(''), 'latin1');
};

/** A place in a stream, as a share of its length. */
type Place = fc.Arbitrary<number>;

/** As likely anywhere. */
export const ANYWHERE: Place = fc.nat(9999).map((place) => place / 10_000);

/** Nearly always next to the beginning. */
const EARLY: Place = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

/** A few bytes changed, added or lost. */
export const byteDamages = (at: Place): fc.Arbitrary<Damage> =>
  fc.oneof(
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
        return Buffer.concat([
          stream.subarray(0, place),
          Buffer.from(text),
          stream.subarray(place),
        ]);
      }),
    ),
    fc.tuple(at, fc.integer({ min: 1, max: 5 })).map(([where, count]) =>
      damage(`${count} lost at ${where}`, (stream) => {
        const [, place] = between(stream, 0, where);
        return Buffer.concat([stream.subarray(0, place), stream.subarray(place + count)]);
      }),
    ),
  );

/** Stretches and lines doubled or exchanged, the end missing. */
export const spliceDamages = (at: Place): fc.Arbitrary<Damage> =>
  fc.oneof(
    fc.tuple(at, at).map(([from, to]) =>
      damage(`doubled from ${from} to ${to}`, (stream) => {
        const [start, end] = between(stream, from, to);
        return Buffer.concat([stream.subarray(0, end), stream.subarray(start)]);
      }),
    ),
    fc.tuple(at, at).map(([from, to]) =>
      damage(`exchanged at ${from} and ${to}`, (stream) => {
        const [start, end] = between(stream, from, to);
        const parts = [
          stream.subarray(0, start),
          stream.subarray(end),
          stream.subarray(start, end),
        ];
        return Buffer.concat(parts);
      }),
    ),
    at.map((where) =>
      damage(`cut off at ${where}`, (stream) => stream.subarray(0, between(stream, 0, where)[1])),
    ),
    at.map((where) =>
      damage(
        `line doubled at ${where}`,
        relined((lines) => {
          const place = Math.floor(where * lines.length);
          lines.splice(place, 0, lines[place]);
        }),
      ),
    ),
    fc.tuple(at, at).map(([one, other]) =>
      damage(
        `lines exchanged at ${one} and ${other}`,
        relined((lines) => {
          const [a, b] = [one, other].map((share) => Math.floor(share * lines.length));
          [lines[a], lines[b]] = [lines[b], lines[a]];
        }),
      ),
    ),
  );

/** One thing gone wrong. */
export const damages: fc.Arbitrary<Damage> = fc.oneof(byteDamages(EARLY), spliceDamages(EARLY));
