import { existsSync, readdirSync } from 'node:fs';
import { join, relative, sep } from 'node:path';

/**
 * The compiled tests whose path holds one of the wanted pieces (all of them when nothing is wanted). A compiled file
 * whose source is gone is a leftover of an earlier build, not a test.
 */
export function listTestFiles(
  compiledRoot: string,
  sourceRoot: string,
  wanted: readonly string[],
): string[] {
  const found = readdirSync(compiledRoot, { recursive: true, encoding: 'utf8' });
  return found
    .filter((path) => path.endsWith('.test.js'))
    .filter((path) => existsSync(join(sourceRoot, path.replace(/\.js$/, '.ts'))))
    .filter((path) => wanted.length === 0 || wanted.some((piece) => matches(path, piece)))
    .toSorted()
    .map((path) => join(compiledRoot, path));
}

/** `unit`, `codec/arena`, `test/unit/codec/arena.test.ts`: whichever way the reader thinks of the file. */
function matches(path: string, piece: string): boolean {
  const asCompiled = relative('.', piece)
    .replace(/^(dist[\\/])?test[\\/]/, '')
    .replace(/\.ts$/, '.js');
  return path.split(sep).join('/').includes(asCompiled.split(sep).join('/'));
}

/** The same seed gives the same order, on every machine. */
export function shuffle<T>(items: readonly T[], seed: number): T[] {
  const shuffled = [...items];
  let state = seed >>> 0;
  for (let last = shuffled.length - 1; last > 0; last--) {
    // Mulberry32: small, and good enough for an order.
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    const other = ((mixed ^ (mixed >>> 14)) >>> 0) % (last + 1);
    [shuffled[last], shuffled[other]] = [shuffled[other], shuffled[last]];
  }
  return shuffled;
}
