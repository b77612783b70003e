import { createHash } from '../primitives/late-crypto.ts';
import { Continuum, type Point, sortedPoints } from './continuum.ts';
import { crc32 } from './crc32.ts';
import type { Hasher } from './hasher.ts';
import { numbered } from './key-bytes.ts';
import { hostPortText } from './node-text.ts';

const POINTS_PER_SERVER = 160;
const MOST_TRIES = 20;

/**
 * The ring of dalli 3 to 5 for Ruby: SHA-1 of `host:port:i`, keys by CRC-32, and a key belongs to the point at or
 * *before* it. A lost server's keys are hashed again with the number of the try in front, up to 20 times.
 */
export const dalli: Hasher = (nodes) => {
  const total = nodes.reduce((sum, { weight }) => sum + weight, 0);
  const points = nodes.flatMap((node, server) => {
    const text = hostPortText(node);
    const length = Math.floor((nodes.length * POINTS_PER_SERVER * node.weight) / total);
    return Array.from({ length }, (_, i) => ({ value: sha1Start(`${text}:${i}`), server }));
  });
  const continuum = new Continuum(endsOf(sortedPoints(points)));
  return {
    locate: (key) => continuum.serverOf(crc32(key)),
    candidates(key) {
      const servers = new Set([continuum.serverOf(crc32(key))]);
      for (let tries = 0; tries < MOST_TRIES - 1; tries++) {
        servers.add(continuum.serverOf(crc32(numbered(tries, key))));
      }
      return [...servers];
    },
    explain: (key) => continuum.reasonFor(crc32(key)),
  };
};

const sha1Start = (text: string): number =>
  createHash('sha1').update(text).digest().readUInt32BE(0);

/** The same ring with every server at the last number it has instead of at the first. */
function endsOf(starts: readonly Point[]): Point[] {
  const before = (index: number): number => starts.at(index - 1)?.server ?? 0;
  const ends = starts
    .map(({ value }, index) => ({ value: value - 1, server: before(index) }))
    .filter(({ value }) => value >= 0);
  return [...ends, { value: 0xffffffff, server: before(0) }];
}
