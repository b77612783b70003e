import type { FakeItem, FakeItems } from './fake-items.ts';
import { type FakeReply, UNKNOWN } from './fake-replies.ts';
import type { ReadRequest } from './fake-request.ts';
import { slabClassOf } from './fake-slabs.ts';

/** What a server tells of itself. */
export interface FakeServerFacts {
  readonly version: string;
  readonly itemSizeMax: number;
  readonly startedAt: number;
  readonly connections: number;
  readonly connectionsEver: number;
}

type Facts = Readonly<Record<string, string | number>>;

const MEMORY_BYTES = 64 * 2 ** 20;

const stats = (facts: Facts): string =>
  `${Object.entries(facts)
    .map(([name, value]) => `STAT ${name} ${value}\r\n`)
    .join('')}END\r\n`;

function general(items: FakeItems, server: FakeServerFacts): Facts {
  const all = items.all();
  const { counts, now } = items;
  return {
    pid: process.pid,
    uptime: now - server.startedAt,
    time: now,
    version: server.version,
    pointer_size: 64,
    max_connections: 1024,
    curr_connections: server.connections,
    total_connections: server.connectionsEver,
    cmd_get: counts.get_hits + counts.get_misses,
    ...counts,
    limit_maxbytes: MEMORY_BYTES,
    threads: 1,
    bytes: all.reduce((sum, item) => sum + items.sizeOf(item), 0),
    curr_items: all.length,
    evictions: 0,
  };
}

function settings({ itemSizeMax }: FakeServerFacts): Facts {
  return {
    maxbytes: MEMORY_BYTES,
    maxconns: 1024,
    cas_enabled: 'yes',
    item_size_max: itemSizeMax,
    num_threads: 1,
    flush_enabled: 'yes',
    dump_enabled: 'yes',
  };
}

function classes(items: FakeItems): Facts {
  const numbers = new Map<number, number>();
  for (const item of items.all()) {
    const slab = slabClassOf(items.sizeOf(item));
    numbers.set(slab, (numbers.get(slab) ?? 0) + 1);
  }
  const sorted = [...numbers].toSorted(([a], [b]) => a - b);
  return Object.fromEntries(sorted.map(([slab, number]) => [`items:${slab}:number`, number]));
}

function statistics(items: FakeItems, server: FakeServerFacts, group: string): FakeReply {
  switch (group) {
    case '':
      return stats(general(items, server));
    case 'settings':
      return stats(settings(server));
    case 'items':
      return stats(classes(items));
    case 'slabs':
      return stats({ active_slabs: 0, total_malloced: 0 });
    case 'reset':
      for (const name of Object.keys(items.counts))
        items.counts[name as keyof FakeItems['counts']] = 0;
      return 'RESET\r\n';
    default:
      return UNKNOWN;
  }
}

function dumpLine(items: FakeItems, item: FakeItem): string {
  const size = items.sizeOf(item);
  const key = item.key.replace(/[^\w.~-]/g, (byte) => {
    const hex = byte.charCodeAt(0).toString(16).toUpperCase();
    return `%${hex.padStart(2, '0')}`;
  });
  const ends = item.ends === 0 ? -1 : item.ends;
  const fetched = item.fetched ? 'yes' : 'no';
  const rest = `exp=${ends} la=${item.used} cas=${item.cas} fetch=${fetched}`;
  return `key=${key} ${rest} cls=${slabClassOf(size)} size=${size}\n`;
}

/** Commands about the server as a whole. Undefined where the command is none of these. */
export function serverCommand(
  items: FakeItems,
  { verb, words }: ReadRequest,
  server: FakeServerFacts,
): { reply: FakeReply } | undefined {
  switch (verb) {
    case 'version':
      return { reply: `VERSION ${server.version}\r\n` };
    case 'stats':
      return { reply: statistics(items, server, words[1] ?? '') };
    case 'shutdown':
      return { reply: 'ERROR: shutdown not enabled\r\n' };
    case 'lru_crawler': {
      if (words[1] !== 'metadump' || words.length !== 3) return { reply: UNKNOWN };
      const lines = items.all().map((item) => dumpLine(items, item));
      return { reply: `${lines.join('')}END\r\n` };
    }
    default:
      return undefined;
  }
}
