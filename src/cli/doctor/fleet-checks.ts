import { countOf, type ServerFacts } from './facts.ts';
import type { FleetCheck } from './finding.ts';

/** Settings that make the servers of one fleet unequal partners. */
const EQUAL_SETTINGS = [
  'maxbytes',
  'item_size_max',
  'maxconns',
  'num_threads',
  'cas_enabled',
  'evictions',
  'idle_timeout',
  'reqs_per_event',
  'ssl_enabled',
];

/** Hashes whose answer depends on the order in which the servers are listed. */
const BY_ORDER = ['modula', 'crc32', 'memjs'];
/** One server has so much more to do than the others have. */
const UNEVEN = 3;

export const FLEET_CHECKS: readonly FleetCheck[] = [
  {
    name: 'versions-differ',
    of(servers) {
      const versions = grouped(servers, ({ version }) => version);
      if (versions.size < 2) return undefined;
      return {
        severity: 'warning',
        seen: listed(versions),
        why: 'what one server takes another refuses: the oldest decides what the programs can use',
        change: 'one release for all',
        costs: 'restarts with an empty cache, one after the other',
      };
    },
  },
  {
    name: 'settings-differ',
    of(servers) {
      const differing = EQUAL_SETTINGS.flatMap((name) => {
        const known = servers.filter(({ settings }) => settings.has(name));
        const values = grouped(known, ({ settings }) => String(settings.get(name)));
        return values.size < 2 ? [] : [`${name}: ${listed(values)}`];
      });
      if (differing.length === 0) return undefined;
      return {
        severity: 'warning',
        seen: differing.join('; '),
        why: 'keys are shared out as if all servers were alike: the weakest evicts or refuses first',
        change: 'the same flags for all, or weights: servers: [{ host, port, weight }]',
        costs: 'another weight moves keys',
      };
    },
  },
  {
    name: 'uneven-load',
    of(servers) {
      const gets = servers.map(
        ({ stats }) => countOf(stats, 'cmd_get') / Math.max(1, countOf(stats, 'uptime')),
      );
      const mean = gets.reduce((sum, one) => sum + one, 0) / Math.max(1, gets.length);
      const most = Math.max(...gets);
      if (servers.length < 2 || mean < 100 || most < mean * UNEVEN) return undefined;
      return {
        severity: 'warning',
        seen: `${servers[gets.indexOf(most)].name} has ${(most / mean).toFixed(1)} times the gets of an average server`,
        why: 'a few keys are asked for much more than others, or programs do not agree on the hash',
        change:
          'keep the hottest keys in the process too, or spread them over several keys; memvolley where KEY shows the place',
        costs: 'values in the process may be old',
      };
    },
  },
  {
    name: 'server-order',
    of(_servers, { servers, hash, profile }) {
      if (servers.length < 2 || !BY_ORDER.includes(hash)) return undefined;
      return {
        severity: 'note',
        seen: `hash ${hash}${profile === undefined ? '' : ` of profile ${profile}`} over ${servers.join(', ')}`,
        why: 'it goes by the order of the list: a program that lists them otherwise looks elsewhere, and one server more or less moves most keys',
        change:
          'the same list in the same order everywhere; where no other client shares the cache, hash: rendezvous',
        costs: 'another hash is an empty cache once',
      };
    },
  },
];

function grouped(
  servers: readonly ServerFacts[],
  of: (server: ServerFacts) => string,
): Map<string, string[]> {
  const groups = new Map<string, string[]>();
  for (const server of servers) {
    const group = groups.get(of(server)) ?? [];
    groups.set(of(server), [...group, server.name]);
  }
  return groups;
}

const listed = (groups: ReadonlyMap<string, readonly string[]>): string =>
  [...groups].map(([value, names]) => `${value} (${names.join(', ')})`).join(', ');
