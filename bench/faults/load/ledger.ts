/** What an answer turned out to be. `lost`: nothing, for a key that has a value; the case knows whether that may be. */
export type Finding = 'right' | 'miss' | 'lost' | 'stale' | 'wrong';

interface Entry {
  readonly size: number;
  /** The last version that was handed to a store. */
  issued: number;
  /** The last version whose store was answered. */
  stored: number;
  /** A store failed or was not to be answered: an older version may come after a newer one. */
  doubtful: boolean;
  /** Somebody removes it, too: nobody knows whether it is there. */
  removable: boolean;
}

/** What is to be read afterwards: taken before a read is issued. */
export interface Expected {
  readonly key: string;
  /** An older version than this one is stale. */
  readonly atLeast: number;
  /** There is a value. */
  readonly there: boolean;
}

const HEAD = /^([^#]+)#(\d+)#(\d+);/;

/** A value of so many characters that names its key, its version and its length all the way: no two are alike anywhere. */
function textOf(key: string, version: number, size: number): string {
  const head = `${key}#${version}#${size};`;
  return head.repeat(Math.ceil(size / head.length)).slice(0, Math.max(size, head.length));
}

/** What is and was stored under each key of a case, so that every answer can be judged. */
export class Ledger {
  #keys: readonly string[];
  readonly #entries = new Map<string, Entry>();

  /** `sizeOf` is the length of the values of the key with that number. */
  constructor(prefix: string, count: number, sizeOf: (index: number) => number) {
    this.#keys = Array.from({ length: count }, (_, index) => `${prefix}:${index}`);
    this.#keys.forEach((key, index) => {
      this.#entries.set(key, {
        size: sizeOf(index),
        issued: 0,
        stored: 0,
        doubtful: false,
        removable: false,
      });
    });
  }

  /** Those that callers ask for. */
  get keys(): readonly string[] {
    return this.#keys;
  }

  /** Callers ask for no others from now on. */
  only(wanted: (key: string) => boolean): this {
    this.#keys = this.#keys.filter(wanted);
    return this;
  }

  keyAt(step: number): string {
    return this.keys[step % this.keys.length];
  }

  /** A version that nobody has stored yet. */
  issue(key: string): { readonly version: number; readonly value: string } {
    const entry = this.#entryOf(key);
    const version = ++entry.issued;
    return { version, value: textOf(key, version, entry.size) };
  }

  stored(key: string, version: number): void {
    const entry = this.#entryOf(key);
    entry.stored = Math.max(entry.stored, version);
  }

  /** What became of a store is not known. */
  doubt(key: string): void {
    this.#entryOf(key).doubtful = true;
  }

  /** It is removed now and then. */
  mayBeGone(key: string): void {
    const entry = this.#entryOf(key);
    entry.doubtful = true;
    entry.removable = true;
  }

  expect(key: string): Expected {
    const { doubtful, removable, stored } = this.#entryOf(key);
    return { key, atLeast: doubtful ? 0 : stored, there: stored > 0 && !removable };
  }

  judge({ key, atLeast, there }: Expected, answer: unknown): Finding {
    if (answer === undefined || answer === null) return there ? 'lost' : 'miss';
    if (typeof answer !== 'string') return 'wrong';
    const { issued, size, doubtful } = this.#entryOf(key);
    const version = Number(HEAD.exec(answer)?.[2]);
    if (!(version >= 1 && version <= issued) || answer !== textOf(key, version, size)) {
      return 'wrong';
    }
    return version < atLeast && !doubtful ? 'stale' : 'right';
  }

  #entryOf(key: string): Entry {
    const entry = this.#entries.get(key);
    if (entry === undefined) throw new Error('a key the ledger does not keep');
    return entry;
  }
}
