/** What a server tells of itself: numbers where there are only digits, else the first word. */
export type ServerStat = number | string;

/** What a server counts or is set to, by name. */
export interface ServerStats {
  /** `host:port`; not there where the server told nothing. */
  readonly server?: string;
  readonly [name: string]: ServerStat | Readonly<Record<string, ServerStat>> | undefined;
}

/** What a server says it is. */
export interface ServerVersion {
  /** `host:port`. */
  readonly server: string;
  /** All of it, such as `1.6.18`. */
  readonly version: string;
  /** Its first part. */
  readonly major: string;
  /** Its second part. */
  readonly minor: string;
  /** Its third part. */
  readonly bugfix: string;
}

/** A key of a slab class, its bytes, and when it ends, in seconds since 1970. */
export interface DumpedItem {
  /** As it is stored. */
  readonly key: string;
  /** Bytes. */
  readonly b: number;
  /** When it ends. */
  readonly s: number;
}

/** Groups of `stats` that npm `memcached` asks for. */
export type StatsGroup = 'stats' | 'stats settings' | 'stats slabs' | 'stats items';

type Arrange = (server: string, lines: readonly string[]) => ServerStats;

/** How it arranges what it is told. */
export const ARRANGED: Readonly<Record<StatsGroup, Arrange>> = {
  stats: flat,
  'stats settings': flat,
  /** `1:chunk_size 96` */
  'stats slabs': (server, lines) => grouped(server, lines, 0),
  /** `items:1:number 5` */
  'stats items': (server, lines) => grouped(server, lines, 1),
};

/** `STAT <name> <value>` */
function statsIn(lines: readonly string[]): [name: string, value: ServerStat][] {
  return lines
    .filter((line) => line.startsWith('STAT '))
    .map((line) => {
      const [, name = '', value = ''] = line.split(' ');
      return [name, /^\d+$/.test(value) ? Number(value) : value];
    });
}

function flat(server: string, lines: readonly string[]): ServerStats {
  const stats = statsIn(lines);
  return stats.length === 0 ? {} : { server, ...Object.fromEntries(stats) };
}

/** By the part of the name at `place`, and then by the part behind it. */
function grouped(server: string, lines: readonly string[], place: number): ServerStats {
  const groups: Record<string, Record<string, ServerStat>> = {};
  for (const [name, value] of statsIn(lines)) {
    const parts: (string | undefined)[] = name.split(':');
    const group = String(parts[place]);
    groups[group] ??= {};
    groups[group][String(parts[place + 1])] = value;
  }
  return Object.keys(groups).length === 0 ? {} : { server, ...groups };
}

export function versionOf(server: string, text: string): ServerVersion {
  const [version = text, major = '0', minor = '0', bugfix = '0']: (string | undefined)[] =
    /(\d+)\.(\d+)\.(\d+)/.exec(text) ?? [];
  return { server, version, major, minor, bugfix };
}

/** `ITEM <key> [<bytes> b; <seconds> s]` */
export function itemsIn(lines: readonly string[]): DumpedItem[] {
  return lines
    .filter((line) => line.startsWith('ITEM '))
    .map((line) => {
      const [, key = '', b = '', , s = ''] = line.split(' ');
      return { key, b: Number(b.slice(1)), s: Number(s) };
    });
}
