import { shortBytes } from '../text/numbers.ts';
import { countOf, isBefore, numberOf, releaseOf } from './facts.ts';
import type { ServerCheck } from './finding.ts';

const MEBIBYTE = 2 ** 20;
/** What an item's header and the shortest key take of it. */
const HEADER_BYTES = 60;

export const LIMIT_CHECKS: readonly ServerCheck[] = [
  {
    name: 'item-size',
    of({ settings, stats }, { maxValueBytes }) {
      const largest = numberOf(settings, 'item_size_max');
      if (largest === undefined) return undefined;
      const memory = countOf(stats, 'limit_maxbytes');
      const values = largest - HEADER_BYTES;
      if (maxValueBytes !== undefined && maxValueBytes > values) {
        return {
          severity: 'warning',
          seen: `option maxValueBytes is ${maxValueBytes}, and -I ${largest} takes values up to ${values}`,
          why: 'what is larger goes over the network, is refused there, and the old value is gone',
          change: `option maxValueBytes: ${values}, or memcached -I ${maxValueBytes + HEADER_BYTES + 250}`,
          costs: 'larger items take whole pages from small ones',
        };
      }
      if (largest < MEBIBYTE) {
        return {
          severity: 'warning',
          seen: `-I ${largest}: values up to ${shortBytes(values)}`,
          why: 'larger ones are refused; most clients and programs count on 1 MiB',
          change: 'memcached -I 1m',
          costs: 'nothing until such values come',
        };
      }
      if (largest * 16 <= memory || largest === MEBIBYTE) return undefined;
      return {
        severity: 'warning',
        seen: `-I ${shortBytes(largest)} with ${shortBytes(memory)} of memory`,
        why: 'a few large items fill the server and evict everything else',
        change: `memcached -m ${Math.ceil((largest * 16) / MEBIBYTE)}, or a smaller -I`,
        costs: 'memory, or values that have to be cut up',
      };
    },
  },
  {
    name: 'chunked-items',
    of({ settings }) {
      const chunk = numberOf(settings, 'slab_chunk_max');
      const largest = numberOf(settings, 'item_size_max');
      if (chunk === undefined || largest === undefined) return undefined;
      if (largest <= MEBIBYTE || chunk * 8 >= largest) return undefined;
      return {
        severity: 'note',
        seen: `-I ${shortBytes(largest)}, stored in chunks of ${shortBytes(chunk)}`,
        why: 'a value larger than a chunk is put together from several, and the last may be half empty',
        change: 'nothing, unless most values are that large: then -o slab_chunk_max larger',
        costs: 'larger chunks waste more for middling values',
      };
    },
  },
  {
    name: 'cas',
    of({ settings }) {
      if (settings.get('cas_enabled') !== false) return undefined;
      return {
        severity: 'warning',
        seen: '-C',
        why: 'without tokens cas and gets cannot work, and fetch cannot tell whether its load was overtaken by a delete',
        change: 'memcached without -C',
        costs: '8 bytes an item',
      };
    },
  },
  {
    name: 'flush-and-dump',
    of({ settings }) {
      const off = ['flush_enabled', 'dump_enabled'].filter((name) => settings.get(name) === false);
      if (off.length === 0) return undefined;
      return {
        severity: 'note',
        seen: off.map((name) => name.replace('_enabled', ' is disabled')).join(', '),
        why: 'flushAll, or keys, is refused there',
        change: off
          .map((name) => (name.startsWith('flush') ? 'without -F' : 'without -X'))
          .join(', '),
        costs: 'whoever reaches the server can empty it, or list its keys',
      };
    },
  },
  {
    name: 'version',
    of({ version, settings }) {
      const traps = TRAPS.filter(({ before, since, onlyWith }) => {
        const isSince = since === undefined || !isBefore(version, since);
        const isMet = onlyWith === undefined || settings.get(onlyWith) === true;
        return isSince && isMet && isBefore(version, before);
      });
      if (traps.length === 0 || releaseOf(version) === undefined) return undefined;
      const isUnsafe = traps.some(({ cve }) => cve === true);
      return {
        severity: isUnsafe ? 'warning' : 'note',
        seen: `memcached ${version}`,
        why: traps.map(({ before, what }) => `${what} (before ${before})`).join('; '),
        change: `memcached ${traps[0].before} or later`,
        costs: isUnsafe
          ? 'a restart with an empty cache; distributions may have mended faults without a new number'
          : 'a restart with an empty cache',
      };
    },
  },
];

interface Trap {
  /** The release that mended it. */
  readonly before: string;
  /** The release that brought it; always, if absent. */
  readonly since?: string;
  /** A setting that has to be on. */
  readonly onlyWith?: string;
  readonly what: string;
  readonly cve?: true;
}

/** The latest first: that release has them all mended. */
const TRAPS: readonly Trap[] = [
  {
    before: '1.6.35',
    what: 'gets of one key that come together are answered by one system call each; this client sends them as one get of many keys',
  },
  {
    before: '1.6.27',
    what: 'no meta flags E and x: meta options newCas and keepItem are refused',
  },
  {
    before: '1.6.22',
    since: '1.6.0',
    onlyWith: 'proxy_enabled',
    what: 'proxy mode overflows: CVE-2023-46852, CVE-2023-46853',
    cve: true,
  },
  {
    before: '1.6.10',
    what: 'no stable meta commands: inspect and meta are refused, fetch agrees by locks',
  },
  {
    before: '1.6.3',
    since: '1.6.0',
    what: 'a meta command can end the server: CVE-2020-22570',
    cve: true,
  },
  { before: '1.6.2', since: '1.6.0', what: 'a binary header overflows: CVE-2020-10931', cve: true },
  { before: '1.5.6', what: 'UDP is on unless it is turned off: CVE-2018-1000115', cve: true },
  { before: '1.4.33', what: 'remote code: CVE-2016-8704, CVE-2016-8705, CVE-2016-8706', cve: true },
];
