import type { IllegalInputError } from '../errors.ts';
import { cannotStore } from './codec-errors.ts';

/** What a serializer cannot write, as it reads after "the value cannot be stored:". */
export interface Limits {
  /** What is wrong with a value by itself, or undefined: never with what is inside it. */
  readonly refuses: (value: unknown) => string | undefined;
  readonly cycles: boolean;
  /** What is written instead of a value, as with `toJSON`. */
  readonly standsFor: (value: object) => unknown;
}

/**
 * Why a value could not be written, and where in it the reason stands. It is looked for only after a failure: looking
 * first would cost every value a walk. The sentence names properties, never what they hold.
 */
export function unstorable(value: unknown, failure: unknown, limits: Limits): IllegalInputError {
  const reason =
    firstRefused(value, limits) ??
    (failure instanceof RangeError ? TOO_DEEP : 'something in it has no place in its format');
  return cannotStore(reason);
}

/** The first thing that cannot be written, and its path: `a function at .user.callbacks[2]`. */
export function firstRefused(value: unknown, limits: Limits): string | undefined {
  return new Search(limits).find(value);
}

/** Where a property throws when it is read. */
const UNREADABLE: unique symbol = Symbol('unreadable');

/** No serializer gets as deep; a `toJSON` that makes new objects for ever would. */
const MOST_LEVELS = 20_000;
const TOO_DEEP = 'it is nested too deeply';

interface Level {
  readonly node: object;
  readonly path: string;
  readonly inside: Iterator<Inside>;
}

/** A step of the path, as it is written, and what it leads to. */
type Inside = readonly [step: string, value: unknown];

class Search {
  readonly #limits: Limits;
  readonly #levels: Level[] = [];
  readonly #open = new Set<object>();
  readonly #done = new Set<object>();

  constructor(limits: Limits) {
    this.#limits = limits;
  }

  find(value: unknown): string | undefined {
    try {
      return this.#walk(value);
    } catch {
      // A proxy, or a toJSON, may throw whatever it likes.
      return undefined;
    }
  }

  /** Depth first, without recursion: what is to be found may be that the value is too deep for recursion. */
  #walk(value: unknown): string | undefined {
    let found = this.#enter('', value);
    for (let level = this.#levels.at(-1); level !== undefined; level = this.#levels.at(-1)) {
      if (found !== undefined) return found;
      if (this.#levels.length > MOST_LEVELS) return TOO_DEEP;
      const next = level.inside.next();
      if (next.done === true) this.#leave(level);
      else found = this.#enter(level.path + next.value[0], next.value[1]);
    }
    return found;
  }

  #enter(path: string, given: unknown): string | undefined {
    const { refuses, standsFor, cycles } = this.#limits;
    if (given === UNREADABLE) return located('a property that throws when it is read', path);
    const isObject = typeof given === 'object' && given !== null;
    const value = isObject ? standsFor(given) : given;
    const refused = refuses(value);
    if (refused !== undefined) return located(refused, path);
    if (typeof value !== 'object' || value === null || this.#done.has(value)) return undefined;
    if (this.#open.has(value)) return cycles ? undefined : located('a cycle', path);
    this.#open.add(value);
    this.#levels.push({ node: value, path, inside: insideOf(value) });
    return undefined;
  }

  #leave({ node }: Level): void {
    this.#levels.pop();
    this.#open.delete(node);
    this.#done.add(node);
  }
}

function* insideOf(node: object): Generator<Inside> {
  if (ArrayBuffer.isView(node)) return;
  if (node instanceof Map) yield* entriesOf(node);
  else if (node instanceof Set) for (const value of node) yield ['[…]', value];
  else {
    // Not by index: a sparse array may be as long as it likes.
    const step = Array.isArray(node) ? (at: string) => `[${at}]` : stepTo;
    for (const name of Object.keys(node)) yield [step(name), read(node, name)];
  }
  if (node instanceof Error && node.cause !== undefined) yield ['.cause', node.cause];
}

function* entriesOf(map: Map<unknown, unknown>): Generator<Inside> {
  for (const [key, value] of map) {
    if (typeof key === 'string') yield [stepTo(key), value];
    else yield* [['[…]', key] as const, ['[…]', value] as const];
  }
}

function read(node: object, name: string): unknown {
  try {
    return (node as Record<string, unknown>)[name];
  } catch {
    return UNREADABLE;
  }
}

const MOST_NAME_CHARACTERS = 60;
const MOST_PATH_CHARACTERS = 300;

function stepTo(name: string): string {
  if (/^[\p{L}_$][\p{L}\d_$]*$/u.test(name) && name.length <= MOST_NAME_CHARACTERS)
    return `.${name}`;
  return `[${JSON.stringify(cut(name, MOST_NAME_CHARACTERS))}]`;
}

const located = (reason: string, path: string): string =>
  path === '' ? reason : `${reason} at ${cut(path, MOST_PATH_CHARACTERS)}`;

/** The middle is what can be done without. */
function cut(text: string, most: number): string {
  if (text.length <= most) return text;
  return `${text.slice(0, most / 2)}…${text.slice(-most / 2)}`;
}
