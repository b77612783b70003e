import type { HashNode } from './hasher.ts';

const DEFAULT_PORT = 11211;

/** How a ring's labels name a server. */
export type NodeText = (node: HashNode) => string;

interface Socket {
  readonly host: string;
  /** Absent where a name has none. */
  readonly port?: number;
}

/** `host:port` without the brackets of IPv6, the bare path of a unix socket: pymemcache, dalli and spymemcached. */
export const hostPortText: NodeText = (node) => {
  if (node.label !== undefined) return node.label;
  const socket = socketOf(node);
  if (typeof socket === 'string') return socket;
  return socket.port === undefined ? socket.host : `${socket.host}:${socket.port}`;
};

/** libmemcached leaves the port out where it is 11211, and says 0 for that of a unix socket. */
export const libmemcachedText: NodeText = (node) => {
  if (node.label !== undefined) return node.label;
  const socket = socketOf(node);
  if (typeof socket === 'string') return `${socket}:0`;
  const { host, port = DEFAULT_PORT } = socket;
  return port === DEFAULT_PORT ? host : `${host}:${port}`;
};

/** The npm package `memcached`: as configured, without the port where it is 11211; that rule knows no IPv6. */
export const hashringText: NodeText = (node) => {
  if (node.label !== undefined) return node.label;
  const socket = socketOf(node);
  if (typeof socket === 'string') return socket;
  const plain = socket.port === DEFAULT_PORT && !socket.host.includes(':');
  return plain ? socket.host : (node.spelling ?? node.name);
};

/** The path of a unix socket, or host and port; read out of the name where the node does not say. */
function socketOf({ name, host, port, path }: HashNode): Socket | string {
  if (path !== undefined) return path;
  if (host !== undefined) return port === undefined ? { host } : { host, port };
  if (name.startsWith('unix:')) return name.slice('unix:'.length);
  const parts: (string | undefined)[] = /^(.*):(\d+)$/.exec(name) ?? [];
  const [, written = name, digits] = parts;
  const unbracketed = written.replace(/^\[(.*)\]$/, '$1');
  return digits === undefined ? { host: unbracketed } : { host: unbracketed, port: Number(digits) };
}
