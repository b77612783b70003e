import type { FormatName } from '../codec/formats.ts';
import type { HashedPart, KeyRuleName } from '../protocol/key-rules.ts';
import type { HashSettings } from '../routing/hashers.ts';

/** Clients that a fleet can be shared with. `memcached` is the npm package of that name. */
export type ProfileName =
  | 'pymemcache'
  | 'pylibmc'
  | 'libmemcached'
  | 'php'
  | 'dalli'
  | 'swift'
  | 'spymemcached'
  | 'gomemcache'
  | 'memjs'
  | 'memcached';

/**
 * What a client has to do as the client of that name does, so that each finds what the other has stored. All of it are
 * defaults: an option given beside `profile` goes before.
 */
export interface Profile {
  /** How values are written and what flags they carry. */
  readonly format: FormatName;
  /** Which server has a key. */
  readonly hash: HashSettings;
  /** What of a key is hashed: whether `keyPrefix` decides about the server. */
  readonly hashes: HashedPart;
  /** What becomes of keys that are too long, or of all. */
  readonly keys: KeyRuleName;
}

/** The defaults of libmemcached: one-at-a-time modulo the servers, and its prefix is not hashed. */
const LIBMEMCACHED = {
  hash: { name: 'modula', hash: 'default' },
  hashes: 'key',
  keys: 'strict',
} as const;

/**
 * Each as the client is when nothing is configured. Values were exchanged with pylibmc 1.6, Swift 2.30 and the npm
 * packages memcached 2.2 and memjs 1.3, and compared with recorded ones of pymemcache; what the others do is known from
 * their sources.
 */
export const PROFILES: Readonly<Record<ProfileName, Profile>> = {
  /** HashClient: rendezvous over murmur3; the prefix is added by the client of the server, so it is not hashed. */
  pymemcache: {
    format: 'pymemcache',
    hash: { name: 'rendezvous' },
    hashes: 'key',
    keys: 'strict',
  },
  /**
   * libmemcached's defaults in Python. For `behaviors={'ketama': True}` give `hash: { name: 'ketama', distribution:
   * 'consistent' }`, for `'ketama_weighted'` or weights `distribution: 'weighted'`.
   */
  pylibmc: { format: 'pylibmc', ...LIBMEMCACHED },
  /** The C library itself, and what is built on it without flags of its own. */
  libmemcached: { format: 'raw', ...LIBMEMCACHED },
  /**
   * php-memcached: libmemcached's defaults, OPT_PREFIX_KEY not hashed. For OPT_LIBKETAMA_COMPATIBLE give `hash: { name:
   * 'ketama', distribution: 'weighted' }`, for DISTRIBUTION_CONSISTENT `distribution: 'consistent'`. Compressed values
   * are read when PHP compresses with zlib (`memcached.compression_type`); its default is fastlz.
   */
  php: { format: 'php', ...LIBMEMCACHED },
  /**
   * dalli's ring, over the key with its namespace and shortened if it is long. `keyPrefix` is the namespace and the
   * colon behind it. Objects are shared where the Ruby side has a JSON serializer and this one `codec: 'json'`.
   */
  dalli: { format: 'dalli', hash: { name: 'dalli' }, hashes: 'wire', keys: 'dalli' },
  /** OpenStack Swift's MemcacheRing: everything is stored under the md5 of its key. It has no prefix. */
  swift: { format: 'swift', hash: { name: 'swift' }, hashes: 'prefixed', keys: 'md5' },
  /**
   * spymemcached with its KetamaConnectionFactory and servers given by IP address, as EVCache uses it: ring labels are
   * `ip:port`. Its own default factory places keys by Java's hash of strings, modulo the servers, which is no choice
   * here. A prefix is the application's, and hashed.
   */
  spymemcached: {
    format: 'spymemcached',
    hash: { name: 'ketama', distribution: 'weighted', labels: 'spymemcached' },
    hashes: 'prefixed',
    keys: 'strict',
  },
  /** ServerList: CRC32 modulo the servers in their order. It has no prefix: one is the application's, and hashed. */
  gomemcache: { format: 'raw', hash: { name: 'crc32' }, hashes: 'prefixed', keys: 'strict' },
  /** The npm package memjs: its own hash of strings, modulo the servers. It has no prefix either. */
  memjs: { format: 'raw', hash: { name: 'memjs' }, hashes: 'prefixed', keys: 'strict' },
  /**
   * The npm package memcached: the ring of its package hashring, over namespace and key before they are shortened.
   */
  memcached: {
    format: 'memcached',
    hash: { name: 'hashring' },
    hashes: 'prefixed',
    keys: 'memcached',
  },
};

export const PROFILE_NAMES: readonly ProfileName[] = Object.keys(PROFILES) as ProfileName[];
