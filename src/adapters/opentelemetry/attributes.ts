// Names of the semantic conventions for databases (OpenTelemetry 1.45): https://opentelemetry.io/docs/specs/semconv/db/
// What they have no name for is under `memvolley.`.
import { isIP } from 'node:net';
import type { Attributes } from '@opentelemetry/api';

/** What this package is called towards OpenTelemetry, with the version of package.json. */
export const SCOPE = { name: 'memvolley', version: '0.1.0' } as const;

export const SYSTEM: Readonly<Attributes> = { 'db.system.name': 'memcached' };

/** Where a server is. Of a Unix socket the address is its path. */
export interface Place {
  readonly address: string;
  readonly port: number | undefined;
}

/** The parts of a server's name: `host:port`, `[v6]:port` or `unix:/path`. */
export function placeOf(server: string): Place {
  if (server.startsWith('unix:')) return { address: server.slice('unix:'.length), port: undefined };
  const colon = server.lastIndexOf(':');
  return {
    address: server.slice(0, colon).replace(/^\[(.*)\]$/, '$1'),
    port: Number(server.slice(colon + 1)),
  };
}

/** A place as the conventions name it. The peer of the socket is known where it is no name that somebody else looked up. */
export function serverAttributes({ address, port }: Place): Attributes {
  if (port === undefined)
    return {
      'server.address': address,
      'network.peer.address': address,
      'network.transport': 'unix',
    };
  const server = { 'server.address': address, 'server.port': port };
  if (isIP(address) === 0) return server;
  return { ...server, 'network.peer.address': address, 'network.peer.port': port };
}

/** The label of a figure by the name OpenTelemetry has for it. */
export function figureAttributes(
  client: string,
  labels: Readonly<Record<string, string>>,
): Attributes {
  const attributes: Attributes = { 'memvolley.client': client };
  for (const [label, value] of Object.entries(labels)) {
    if (label !== 'server') attributes[`memvolley.${label}`] = value;
    else {
      const { address, port } = placeOf(value);
      attributes['server.address'] = address;
      if (port !== undefined) attributes['server.port'] = port;
    }
  }
  return attributes;
}
