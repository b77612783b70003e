import { signed32, unsigned32, unsigned64 } from './c-numbers.ts';
import type { FakeItems } from './fake-items.ts';

/** What the flags of a meta command say. */
export interface MetaFlags {
  /** The key, decoded where it was in base64. */
  key: string;
  binary: boolean;
  /** In their order. */
  readonly words: readonly string[];
  /** Unix times. */
  vivifyEnds: number | undefined;
  ends: number | undefined;
  renewBefore: number;
  cas: bigint;
  hasCas: boolean;
  clientFlags: number;
  mode: string;
  initial: bigint;
  delta: bigint;
  quiet: boolean;
  noUse: boolean;
  wantsValue: boolean;
  stale: boolean;
  /** A line, where there is something wrong with them. */
  problem: string | undefined;
}

const WITHOUT_MEANING_HERE = new Set('OPLkstcflh');
const BAD_TOKEN = 'CLIENT_ERROR bad token in command line format\r\n';
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
const LONGEST_OPAQUE = 32;
const LAST_FLAG = '~';

export const OPAQUE_TOO_LONG = 'CLIENT_ERROR opaque token too long\r\n';

export function hasLongOpaque({ words }: MetaFlags): boolean {
  return words.some((word) => word.startsWith('O') && word.length > LONGEST_OPAQUE);
}

/** Of these the last problem counts; after what is repeated or unknown nothing is looked at. */
export function readMetaFlags(items: FakeItems, key: string, words: readonly string[]): MetaFlags {
  const flags: MetaFlags = {
    ...{ key, words, binary: false, vivifyEnds: undefined, ends: undefined, renewBefore: 0 },
    ...{ cas: 0n, hasCas: false, clientFlags: 0, mode: '', initial: 0n, delta: 1n },
    ...{ quiet: false, noUse: false, wantsValue: false, stale: false, problem: undefined },
  };
  const seen = new Set<string>();
  for (const word of words) {
    const [letter] = word;
    if (seen.has(letter) || letter > LAST_FLAG) {
      return { ...flags, problem: 'CLIENT_ERROR duplicate flag\r\n' };
    }
    seen.add(letter);
    const read = READERS[letter] as Reader | undefined;
    if (read !== undefined) flags.problem = read(flags, word.slice(1), items) ?? flags.problem;
    else if (!WITHOUT_MEANING_HERE.has(letter)) {
      return { ...flags, problem: 'CLIENT_ERROR invalid flag\r\n' };
    }
  }
  return flags;
}

/** Answers what is wrong. */
type Reader = (flags: MetaFlags, text: string, items: FakeItems) => string | undefined;

function ends(text: string, items: FakeItems): number | undefined {
  const ttl = signed32(text);
  return ttl === undefined ? undefined : items.endOf(ttl);
}

function isRead(value: unknown, otherwise: string): string | undefined {
  return value === undefined ? otherwise : undefined;
}

const READERS: Readonly<Record<string, Reader>> = {
  b(flags) {
    flags.binary = true;
    if (flags.key === '' || !BASE64.test(flags.key)) return 'CLIENT_ERROR error decoding key\r\n';
    flags.key = Buffer.from(flags.key, 'base64').toString('latin1');
    return undefined;
  },
  N(flags, text, items) {
    flags.vivifyEnds = ends(text, items);
    return isRead(flags.vivifyEnds, BAD_TOKEN);
  },
  T(flags, text, items) {
    flags.ends = ends(text, items);
    return isRead(flags.ends, BAD_TOKEN);
  },
  R(flags, text, items) {
    const moment = ends(text, items);
    flags.renewBefore = moment ?? 0;
    return isRead(moment, BAD_TOKEN);
  },
  F(flags, text) {
    const given = unsigned32(text);
    flags.clientFlags = given ?? 0;
    return isRead(given, 'CLIENT_ERROR bad command line format\r\n');
  },
  C(flags, text) {
    const given = unsigned64(text);
    flags.cas = given ?? 0n;
    flags.hasCas = given !== undefined;
    return isRead(given, BAD_TOKEN);
  },
  M(flags, text) {
    flags.mode = text;
    return text.length === 1 ? undefined : 'CLIENT_ERROR incorrect length for M token\r\n';
  },
  J(flags, text) {
    const given = unsigned64(text);
    flags.initial = given ?? 0n;
    return isRead(given, 'CLIENT_ERROR invalid numeric initial value\r\n');
  },
  D(flags, text) {
    const given = unsigned64(text);
    flags.delta = given ?? 0n;
    return isRead(given, 'CLIENT_ERROR invalid numeric delta value\r\n');
  },
  q(flags) {
    flags.quiet = true;
    return undefined;
  },
  u(flags) {
    flags.noUse = true;
    return undefined;
  },
  v(flags) {
    flags.wantsValue = true;
    return undefined;
  },
  I(flags) {
    flags.stale = true;
    return undefined;
  },
};
