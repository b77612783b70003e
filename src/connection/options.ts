import type { Duplex } from 'node:stream';
import type { ServerAddress } from './address.ts';
import type { AuthOption } from './auth.ts';
import type { TlsOption } from './tls.ts';
import { WINDOW_DEFAULTS, type WindowOptions } from './window.ts';

/** What one connection needs to know. */
export interface ConnectionOptions {
  /**
   * Milliseconds from dialling to the server's first answer. Default 1000, from 1.
   *
   * It includes an answer because over its connection limit a server accepts and then stays silent.
   */
  readonly connectTimeoutMs: number;
  /**
   * Milliseconds without a byte after which a connection that owes an answer is given up; also for
   * which an answer that nobody waits for may go on to arrive while others wait behind it. Default
   * twice `timeoutMs`, from 1.
   *
   * Longer than a call's deadline, because one slow answer is no dead server.
   */
  readonly stallTimeoutMs: number;
  /**
   * Milliseconds of silence before the kernel's first keep-alive probe, in whole seconds; 0: none.
   * Default 15 000, from 1000.
   *
   * Below the idle limits of common firewalls and load balancers.
   */
  readonly keepAliveMs: number;
  /**
   * Milliseconds of silence after which a connection is asked for its version before it carries a
   * command. Default 30 000, from 1.
   *
   * A peer that vanished while nobody talked to it then costs a probe, not a call.
   */
  readonly idleProbeMs: number;
  /**
   * Bytes of the buffer that every read of a connection goes into. Default 131 072, 4096 to 16 MiB.
   *
   * A larger one saves reads when many replies arrive at once, and is held for as long as the
   * connection is.
   */
  readonly readBufferBytes: number;
  /**
   * What may be written to one connection and be unanswered. What comes beyond that stays queued, where it can still
   * move to another server or be given up without a trace. Meant to be more than a server answers within a
   * round trip of some milliseconds: with less, a connection waits for answers before it may go on.
   */
  readonly maxInFlight: {
    /**
     * Operations written to a connection and not answered; what is beyond that stays queued,
     * unsent. Default 4096, from 1.
     *
     * A request for more than that goes alone.
     */
    readonly operations: number;
    /**
     * Bytes of their keys and values. Default 16 MiB, from 1.
     *
     * A value that is larger goes alone.
     */
    readonly bytes: number;
  };
  /**
   * Milliseconds an operation may be queued for a server unsent before it fails with
   * ERR_MEMCACHE_OVERLOADED, kept to 20 ms; 0: as long as its deadline allows. Default 0.
   *
   * A queue that stands this long serves nobody in time: those at its front have least of their
   * deadline left.
   */
  readonly maxQueueMs: number;
  /** How much all connections of a client together may have under way. */
  readonly window: WindowOptions;
  /**
   * Encrypts connections: `true` for Node's defaults, the options of `tls.connect`, or a function
   * `({ server }) => options` that is asked for each new socket. Default false.
   *
   * Renewed certificates need no restart: the function is asked before each socket, within
   * `connectTimeoutMs`. TLS 1.2 at least; the certificate has to be for the server's `servername`
   * or host, unless the options say otherwise. No session is resumed: each socket verifies anew.
   */
  readonly tls: TlsOption;
  /**
   * Whom to log in as, where memcached runs with `-Y`: `{ username, password }`, or a function `({
   * server }) => credentials` that is asked for each new connection. With `scheme: 'memcachier'` in
   * it, at MemCachier. Default undefined.
   *
   * The function has `connectTimeoutMs`. Nothing else is sent before the server has taken them.
   */
  readonly auth: AuthOption | undefined;
  /**
   * Lets the process end although connections are open. Default false.
   *
   * So no answer is lost by surprise.
   */
  readonly unref: boolean;
  /**
   * A function that makes the stream to a server instead of a socket: a tunnel, a proxy, a test.
   * Default undefined.
   *
   * The stream may still be connecting.
   */
  readonly connect: ((address: ServerAddress) => Duplex) | undefined;
  /** The pause before a lost connection is dialled again. */
  readonly reconnect: {
    /**
     * Milliseconds of the first pause before a lost connection is dialled again. Default 50, from
     * 1.
     */
    readonly minMs: number;
    /**
     * Milliseconds the growing pause ends at. Default 10 000, from `minMs`.
     *
     * Short enough to notice a restart.
     */
    readonly maxMs: number;
  };
}

export const CONNECTION_DEFAULTS: ConnectionOptions = {
  connectTimeoutMs: 1000,
  stallTimeoutMs: 2000,
  keepAliveMs: 15_000,
  idleProbeMs: 30_000,
  readBufferBytes: 131_072,
  maxInFlight: { operations: 4096, bytes: 16 * 1024 * 1024 },
  maxQueueMs: 0,
  window: WINDOW_DEFAULTS,
  tls: false,
  auth: undefined,
  unref: false,
  connect: undefined,
  reconnect: { minMs: 50, maxMs: 10_000 },
};
