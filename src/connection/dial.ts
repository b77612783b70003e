import {
  connect as connectTcp,
  type NetConnectOpts,
  type OnReadOpts,
  type TcpNetConnectOpts,
} from 'node:net';
import type { Duplex } from 'node:stream';
import type { ConnectionOptions as TlsOptions } from 'node:tls';
import type { ServerAddress } from './address.ts';
import type { ConnectionOptions } from './options.ts';

/** Memory for the bytes of a socket, and what is told when they came. */
export interface Reader {
  space(): Buffer;
  advance(bytes: number): void;
}

/**
 * Opens a socket whose bytes go straight into the reader's memory; the stream may still be connecting. A stream made
 * by the caller's own `connect` is read by its 'data' events instead. `tls` as `askTerms` told it.
 */
export function openSocket(
  address: ServerAddress,
  options: ConnectionOptions,
  parts: { reader: Reader; tls: TlsOptions | undefined },
): Duplex {
  if (options.connect !== undefined) return options.connect(address);
  const { reader, tls } = parts;
  const target: NetConnectOpts =
    'path' in address ? { path: address.path } : tcpTarget(address, options);
  const onread: OnReadOpts = {
    buffer: () => reader.space(),
    callback: (bytes) => {
      reader.advance(bytes);
      return true;
    },
  };
  if (tls === undefined) return connectTcp({ ...target, onread });
  // The types of tls.connect lack `onread`, which it passes on to its socket.
  const secure: TlsOptions & { onread: OnReadOpts } = {
    ...(target as TlsOptions),
    ...tls,
    onread,
  };
  // Loaded with the first socket that needs it: it takes longer than all that this file needs besides.
  return process.getBuiltinModule('node:tls').connect(secure);
}

function tcpTarget(
  address: { host: string; port: number },
  options: ConnectionOptions,
): TcpNetConnectOpts {
  return {
    host: address.host,
    port: address.port,
    noDelay: true,
    keepAlive: options.keepAliveMs > 0,
    keepAliveInitialDelay: options.keepAliveMs,
    // Each address of a name with several gets its fair part of the time there is, not the 250 ms Node gives it.
    autoSelectFamilyAttemptTimeout: Math.max(250, Math.floor(options.connectTimeoutMs / 2)),
  };
}
