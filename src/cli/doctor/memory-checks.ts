import { percent, shortBytes, shortNumber } from '../text/numbers.ts';
import { byClass, countOf, numberOf, type ServerFacts } from './facts.ts';
import type { ServerCheck, Verdict } from './finding.ts';

/** Fewer gets say nothing of a hit rate. */
const ENOUGH_GETS = 10_000;
const LOW_HIT_RATE = 0.5;
const DEFAULT_BYTES = 64 * 2 ** 20;
/** A class with so much of all evictions and so little of all memory is starved. */
const MOST_EVICTIONS = 0.8;
const LITTLE_MEMORY = 0.2;
/** Counted over hours a few are nothing. */
const FEW_PER_SECOND = 1;

export const MEMORY_CHECKS: readonly ServerCheck[] = [
  {
    name: 'evictions',
    of({ stats }) {
      const evictions = countOf(stats, 'evictions');
      if (evictions === 0) return undefined;
      const rate = evictions / Math.max(1, countOf(stats, 'uptime'));
      const unfetched = countOf(stats, 'evicted_unfetched') / evictions;
      return {
        severity: rate >= FEW_PER_SECOND ? 'warning' : 'note',
        seen: `${shortNumber(evictions)} evictions, ${shortNumber(rate)} a second; ${percent(unfetched)} of them never read`,
        why: 'items go before their time: what is read again has to be loaded again. What was never read need not have been stored',
        change: `memcached -m ${Math.ceil((limitOf(stats) * 2) / 2 ** 20)}, or shorter ttls, or do not store what is not read again`,
        costs: 'memory; shorter ttls cost loads',
      };
    },
  },
  {
    name: 'no-evictions',
    of({ stats, settings }) {
      if (settings.get('evictions') !== 'off') return undefined;
      const share = countOf(stats, 'bytes') / limitOf(stats);
      return {
        severity: share > 0.8 ? 'problem' : 'warning',
        seen: `-M; ${percent(share)} of the memory is used`,
        why: 'when it is full, stores are refused instead of old items going',
        change: 'memcached without -M',
        costs: 'items may go before their ttl: that is what a cache does',
      };
    },
  },
  {
    name: 'refused-stores',
    of({ stats }) {
      const [large, noMemory] = ['store_too_large', 'store_no_memory'].map((name) =>
        countOf(stats, name),
      );
      if (large + noMemory === 0) return undefined;
      return {
        severity: 'warning',
        seen: `${shortNumber(large)} stores too large, ${shortNumber(noMemory)} without memory`,
        why: 'a store that is refused removes the old value, too',
        change:
          'memcached -I, larger, or option maxValueBytes, so that it is refused here; -m for memory',
        costs: 'large items take whole pages from small ones',
      };
    },
  },
  {
    name: 'buffers',
    of({ stats }) {
      const failed = ['read_buf_oom', 'response_obj_oom', 'malloc_fails'].reduce(
        (sum, name) => sum + countOf(stats, name),
        0,
      );
      if (failed === 0) return undefined;
      return {
        severity: 'problem',
        seen: `${shortNumber(failed)} times no memory for buffers`,
        why: 'connections are ended when there is none',
        change: 'memory for the machine or the container beyond -m; -o read_buf_mem_limit larger',
        costs: 'memory',
      };
    },
  },
  {
    name: 'hit-rate',
    of({ stats }) {
      const hits = countOf(stats, 'get_hits');
      const gets = hits + countOf(stats, 'get_misses');
      if (gets < ENOUGH_GETS || hits / gets >= LOW_HIT_RATE) return undefined;
      return {
        severity: 'warning',
        seen: `${percent(hits / gets)} of ${shortNumber(gets)} gets found something`,
        why: 'most reads cost a round trip and a load',
        change:
          'look at what is asked for: ttls that are too short, keys nobody stores, programs that do not agree on the hash (memvolley where KEY)',
        costs: 'nothing',
      };
    },
  },
  {
    name: 'memory',
    of({ stats }) {
      const limit = limitOf(stats);
      if (limit !== DEFAULT_BYTES || countOf(stats, 'evictions') === 0) return undefined;
      return {
        severity: 'warning',
        seen: '-m 64, the default, and items are evicted',
        why: 'most servers are given more; nobody may have chosen this',
        change: 'memcached -m 1024',
        costs: 'memory, as it fills up',
      };
    },
  },
  { name: 'slabs', of: starvedClass },
  {
    name: 'slab-reassign',
    of({ settings }) {
      if (settings.get('slab_reassign') !== false) return undefined;
      return {
        severity: 'warning',
        seen: '-o no_slab_reassign',
        why: 'memory once given to one size of items stays with it when sizes change',
        change: 'memcached -o slab_reassign,slab_automove=1 (the default since 1.5.0)',
        costs: 'little: pages are moved in the background',
      };
    },
  },
  {
    name: 'lru-crawler',
    of({ settings }) {
      const [crawler, maintainer] = ['lru_crawler', 'lru_maintainer_thread'].map((name) =>
        settings.get(name),
      );
      if (crawler !== false && maintainer !== false) return undefined;
      return {
        severity: 'warning',
        seen: `${crawler === false ? 'no lru_crawler' : ''}${crawler === false && maintainer === false ? ', ' : ''}${maintainer === false ? 'no lru_maintainer' : ''}`,
        why: 'what has expired keeps its memory until somebody asks for it or it is evicted',
        change: 'memcached -o lru_crawler,lru_maintainer (the default since 1.5.0)',
        costs: 'a background thread',
      };
    },
  },
  {
    name: 'hash-table',
    of({ stats }) {
      if (stats.get('hash_is_expanding') !== true) return undefined;
      return {
        severity: 'note',
        seen: 'the hash table is being expanded',
        why: 'answers may take longer meanwhile, and so it will be after each restart',
        change: `memcached -o hashpower=${countOf(stats, 'hash_power_level')}`,
        costs: `${shortBytes(countOf(stats, 'hash_bytes'))} from the start`,
      };
    },
  },
];

const limitOf = (stats: ServerFacts['stats']): number => countOf(stats, 'limit_maxbytes');

const sumOf = (values: Iterable<number>): number => [...values].reduce((sum, one) => sum + one, 0);

/** One size of items is evicted while memory is with others. */
function starvedClass({ items, slabs }: ServerFacts): Verdict | undefined {
  const evicted = byClass(items, 'evicted');
  const pages = byClass(slabs, 'total_pages');
  const [allEvicted, allPages] = [sumOf(evicted.values()), sumOf(pages.values())];
  if (allEvicted < 1000) return undefined;
  const [worst, count] = [...evicted].toSorted(([, a], [, b]) => b - a)[0];
  const share = (pages.get(worst) ?? 0) / Math.max(1, allPages);
  if (count / allEvicted < MOST_EVICTIONS || share > LITTLE_MEMORY) return undefined;
  const size = numberOf(slabs, `${worst}:chunk_size`) ?? 0;
  return {
    severity: 'warning',
    seen: `${percent(count / allEvicted)} of the evictions are of items up to ${shortBytes(size)} (class ${worst}), which have ${percent(share)} of the memory`,
    why: 'other sizes hold memory that is needed here',
    change:
      'memcached -o slab_automove=1, or echo "slabs automove 1" to it; 2 moves at each eviction',
    costs: 'items of the other sizes are evicted instead; 2 never rests',
  };
}
