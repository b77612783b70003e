import { IllegalInputError } from '../errors.ts';
import { kindOf } from '../primitives/kind.ts';
import type { Hasher, HashKey, HashNode, Placement } from './hasher.ts';

/**
 * A hasher of the user's own. Its placement may leave `candidates` out: then the servers that follow in the list stand
 * in for the key's own.
 */
export type UserHasher = (
  nodes: readonly HashNode[],
) => Pick<Placement, 'locate'> & Partial<Pick<Placement, 'candidates'>>;

/** Takes no answer of it unseen: a number that is no server's would go wrong far from here. */
export function checkedHasher(hasher: UserHasher): Hasher {
  return (nodes) => {
    let given: unknown;
    try {
      given = hasher(nodes);
    } catch (cause) {
      throw threw(cause);
    }
    if (!isPlacement(given)) {
      throw refusal(`must answer an object with a function 'locate'; got ${kindOf(given)}`);
    }
    return new CheckedPlacement(given, nodes.length);
  };
}

class CheckedPlacement implements Placement {
  readonly #given: ReturnType<UserHasher>;
  readonly #count: number;

  constructor(given: ReturnType<UserHasher>, count: number) {
    this.#given = given;
    this.#count = count;
  }

  locate(key: HashKey): number {
    let number: unknown;
    try {
      number = this.#given.locate(key);
    } catch (cause) {
      throw threw(cause);
    }
    return this.#checked(number, 'locate');
  }

  candidates(key: HashKey): readonly number[] {
    const first = this.locate(key);
    if (this.#given.candidates === undefined) {
      return Array.from({ length: this.#count }, (_, step) => (first + step) % this.#count);
    }
    let given: unknown;
    try {
      given = this.#given.candidates(key);
    } catch (cause) {
      throw threw(cause);
    }
    if (!Array.isArray(given)) {
      throw refusal(`must answer a list from 'candidates'; got ${kindOf(given)}`);
    }
    const numbers = given.map((number: unknown) => this.#checked(number, 'candidates'));
    if (numbers[0] !== first || new Set(numbers).size !== numbers.length) {
      throw refusal(`must answer from 'candidates' each server once, the one of 'locate' first`);
    }
    return numbers;
  }

  explain(): undefined {
    return undefined;
  }

  #checked(number: unknown, from: string): number {
    if (Number.isInteger(number) && (number as number) >= 0 && (number as number) < this.#count) {
      return number as number;
    }
    const allowed = `an integer from 0 to ${this.#count - 1}`;
    throw refusal(`must answer ${allowed} from '${from}'; got ${kindOf(number)}`);
  }
}

function isPlacement(value: unknown): value is ReturnType<UserHasher> {
  if (typeof value !== 'object' || value === null) return false;
  const { locate, candidates } = value as Partial<Record<keyof Placement, unknown>>;
  return (
    typeof locate === 'function' && (candidates === undefined || typeof candidates === 'function')
  );
}

/** What the user's code throws is the cause of an error of this client. */
const threw = (cause: unknown): IllegalInputError => refusal('must not throw', cause);

const refusal = (problem: string, cause?: unknown): IllegalInputError =>
  new IllegalInputError('ERR_MEMCACHE_OPTION', `option 'hash': the function ${problem}`, { cause });
