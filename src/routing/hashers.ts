import { IllegalInputError } from '../errors.ts';
import { kindOf } from '../primitives/kind.ts';
import { dalli } from './dalli.ts';
import { ALONE, type Hasher } from './hasher.ts';
import { hashring } from './hashring.ts';
import { jump, type JumpOptions } from './jump.ts';
import { KEY_HASHES } from './key-hash.ts';
import { ketama, type KetamaOptions } from './ketama.ts';
import { maglev } from './maglev.ts';
import { crc32, memjs, modula, type ModulaOptions } from './modulo.ts';
import { rendezvous, type RendezvousOptions } from './rendezvous.ts';
import { swift, type SwiftOptions } from './swift-ring.ts';
import { checkedHasher, type UserHasher } from './user-hasher.ts';

/** What each hasher may be told. */
interface OptionsOf {
  rendezvous: RendezvousOptions;
  ketama: KetamaOptions;
  modula: ModulaOptions;
  crc32: object;
  dalli: object;
  swift: SwiftOptions;
  memjs: object;
  hashring: object;
  jump: JumpOptions;
  maglev: object;
}

/** The hashes there are, see the guide of fleets. */
export type HashName = keyof OptionsOf;

/** A hasher by its name, with options of its own. */
export type HashSettings = {
  readonly [Name in HashName]: {
    /** Which hash. */
    readonly name: Name;
  } & OptionsOf[Name];
}[HashName];

/** What places keys on servers: a name, a name with options, or a function of the user's own. */
export type HashOption = HashName | HashSettings | UserHasher;

/** What an option of a hasher may be. */
interface Allowed {
  readonly text: string;
  readonly accepts: (value: unknown) => boolean;
}

interface Entry<Options> {
  readonly make: (options: Options) => Hasher;
  readonly options: Readonly<Record<keyof Options, Allowed>>;
}

function words(list: readonly string[]): Allowed {
  const text = list.map((word) => `'${word}'`).join(' or ');
  return { text, accepts: (value) => list.includes(value as string) };
}

function integers(min: number, max: number): Allowed {
  const accepts = (value: unknown): boolean =>
    Number.isInteger(value) && (value as number) >= min && (value as number) <= max;
  return { text: `an integer from ${min} to ${max}`, accepts };
}

const hash = words(Object.keys(KEY_HASHES));
const plain = (hasher: Hasher): Entry<object> => ({ make: () => hasher, options: {} });

const HASHERS: { readonly [Name in HashName]: Entry<OptionsOf[Name]> } = {
  rendezvous: { make: rendezvous, options: { seed: integers(0, 2 ** 32 - 1) } },
  ketama: {
    make: ketama,
    options: {
      distribution: words(['consistent', 'weighted']),
      hash,
      labels: words(['libmemcached', 'spymemcached']),
    },
  },
  modula: { make: modula, options: { hash } },
  crc32: plain(crc32),
  dalli: plain(dalli),
  swift: { make: swift, options: { tries: integers(1, 1000) } },
  memjs: plain(memjs),
  hashring: plain(hashring),
  jump: { make: jump, options: { order: words(['natural', 'given']) } },
  maglev: plain(maglev),
};

/** The names of the hashers that are built in. */
export const HASH_NAMES: readonly HashName[] = Object.keys(HASHERS) as HashName[];

/**
 * The hasher that an option means. An undefined option of it counts as left out. Throws IllegalInputError
 * ERR_MEMCACHE_OPTION where no hasher has that name or takes that option.
 */
export function hasherOf(option: HashOption): Hasher {
  const given: unknown = option;
  if (typeof given === 'function') return checkedHasher(given as UserHasher);
  if (typeof given === 'string') return made(given, {});
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    throw illegal(`option 'hash' must be ${ALLOWED}; got ${kindOf(given)}`);
  }
  const { name, ...options } = given as Record<string, unknown>;
  return made(name, options);
}

const NAMES = HASH_NAMES.map((name) => `'${name}'`).join(', ');
const ALLOWED = `one of ${NAMES}, an object with one of these as its name, or a function`;

function made(name: unknown, options: Readonly<Record<string, unknown>>): Hasher {
  if (typeof name !== 'string' || !Object.hasOwn(HASHERS, name)) {
    const what = typeof name === 'string' ? 'a string that names no hasher' : kindOf(name);
    throw illegal(`option 'hash' must be ${ALLOWED}; got ${what}`);
  }
  const { make, options: known } = HASHERS[name as HashName] as Entry<Record<string, unknown>>;
  for (const [option, value] of Object.entries(options)) checkOption(name, known, [option, value]);
  const hasher = make(options);
  return (nodes) => (nodes.length === 1 ? ALONE : hasher(nodes));
}

function checkOption(
  name: string,
  known: Readonly<Record<string, Allowed>>,
  [option, value]: [string, unknown],
): void {
  if (!Object.hasOwn(known, option)) {
    const names = Object.keys(known).map((other) => `'hash.${other}'`);
    const takes = names.length === 0 ? 'no options' : names.join(', ');
    throw illegal(`unknown option 'hash.${option}': ${name} takes ${takes}`);
  }
  if (value === undefined || known[option].accepts(value)) return;
  throw illegal(`option 'hash.${option}' must be ${known[option].text}; got ${kindOf(value)}`);
}

const illegal = (message: string): IllegalInputError =>
  new IllegalInputError('ERR_MEMCACHE_OPTION', message);
