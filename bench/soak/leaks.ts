import { getHeapSnapshot, queryObjects } from 'node:v8';
import { Socket } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { Connection } from '../../src/connection/connection.ts';
import { Conversation } from '../../src/connection/conversation.ts';
import { Link } from '../../src/connection/link.ts';
import { Wire } from '../../src/connection/wire.ts';
import { Core } from '../../src/client/core.ts';
import { ResponseParser } from '../../src/protocol/response-parser.ts';
import { Lane } from '../../src/server/lane.ts';
import { Lanes } from '../../src/server/lanes.ts';
import { Server } from '../../src/server/server.ts';
import { FleetClient } from '../../src/index.ts';

/** What holds, or is, a connection; a client that is closed and let go leaves none of them. */
const CLASSES = {
  FleetClient,
  Core,
  Server,
  Lanes,
  Lane,
  Link,
  Connection,
  Conversation,
  Wire,
  ResponseParser,
  Socket,
};

export type Census = Readonly<Record<string, number>>;

/** How many objects of these classes the heap holds, after a full collection. The event loop stands still for seconds. */
export function census(): Census {
  return Object.fromEntries(
    Object.entries(CLASSES).map(([name, type]) => [name, queryObjects(type, { format: 'count' })]),
  );
}

/** Sockets that are open, as Node counts them. */
export function openSockets(): number {
  return process.getActiveResourcesInfo().filter((kind) => /^(?:TCP|TLS)/.test(kind)).length;
}

interface Snapshot {
  readonly snapshot: { readonly meta: { node_fields: string[]; node_types: [string[]] } };
  readonly nodes: number[];
  readonly strings: string[];
}

/** A heap snapshot, and how many objects of each class it names. */
export async function snapshot(): Promise<{ text: Buffer; census: Census }> {
  const text = await buffer(getHeapSnapshot());
  const {
    snapshot: { meta },
    nodes,
    strings,
  } = JSON.parse(text.toString('utf8')) as Snapshot;
  const width = meta.node_fields.length;
  const [type, name] = ['type', 'name'].map((field) => meta.node_fields.indexOf(field));
  const object = meta.node_types[0].indexOf('object');
  const counts = new Map(Object.keys(CLASSES).map((named) => [named, 0]));
  for (let at = 0; at < nodes.length; at += width) {
    if (nodes[at + type] !== object) continue;
    const named = strings[nodes[at + name]];
    const count = counts.get(named);
    if (count !== undefined) counts.set(named, count + 1);
  }
  return { text, census: Object.fromEntries(counts) };
}

/** What there is more of than before. */
export function leaked(before: Census, after: Census): Census {
  return Object.fromEntries(
    Object.entries(after)
      .map(([name, count]) => [name, count - (before[name] ?? 0)] as const)
      .filter(([, more]) => more > 0),
  );
}
