import { latin1 } from '../primitives/bytes.ts';
import type { HashKey } from './hasher.ts';

/** Answers the part of a key that places it. */
export type TagReader = (key: HashKey) => HashKey;

/** As the option `hashTag` says. An empty part places nothing: the whole key does. */
export function tagReader(tag: string | { readonly stop: string }): TagReader {
  const part = typeof tag === 'string' ? between(tag[0], tag[1]) : before(tag.stop);
  return (key) => {
    if (typeof key === 'string') return part(key) ?? key;
    // One character per byte: what is found is cut out of the bytes again.
    const found = part(latin1(Buffer.from(key), 0, key.length));
    return found === undefined ? key : Buffer.from(found, 'latin1');
  };
}

const between =
  (open: string, close: string) =>
  (key: string): string | undefined => {
    const start = key.indexOf(open) + 1;
    const end = start === 0 ? -1 : key.indexOf(close, start);
    return end > start ? key.slice(start, end) : undefined;
  };

const before =
  (stop: string) =>
  (key: string): string | undefined => {
    const end = key.indexOf(stop);
    return end > 0 ? key.slice(0, end) : undefined;
  };
