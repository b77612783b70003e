import type { Socket } from 'node:net';
import type { ChaosConditions } from './chaos-conditions.ts';
import type { Strike } from './chaos-strike.ts';
import { type ChaosDirection, ChaosWay } from './chaos-way.ts';
import type { Dice } from './pacer.ts';
import { reset } from './reset.ts';

/** One connection of a client through a chaos proxy. */
export interface ChaosConnection {
  /** The client's end of it. */
  readonly open: boolean;
  /** What each side sent, before any fault; empty without the option `record`. */
  readonly recorded: {
    /** What the client sent. */
    readonly toServer: Buffer;
    /** What the server sent. */
    readonly toClient: Buffer;
  };
  /** Ends both ends of it, now. Default: 'reset' (RST); 'end' is FIN. */
  cut(how?: 'reset' | 'end'): void;
}

export interface ConnectionParts {
  readonly client: Socket;
  /** Undefined where nobody is to answer. */
  readonly server: Socket | undefined;
  readonly record: boolean;
  readonly bufferBytes: number;
  readonly dice: (direction: ChaosDirection) => Dice;
  readonly struck: (name: string, times: number) => void;
  readonly left: (direction: ChaosDirection, bytes: number) => void;
}

export class ProxiedConnection implements ChaosConnection {
  readonly #client: Socket;
  readonly #server: Socket | undefined;
  readonly #ways: Partial<Record<ChaosDirection, ChaosWay>> = {};
  readonly #recorded: Record<ChaosDirection, Buffer[]> = { toServer: [], toClient: [] };

  constructor(parts: ConnectionParts) {
    const { client, server } = parts;
    this.#client = client;
    this.#server = server;
    for (const socket of [client, server]) {
      socket?.unref();
      socket?.on('error', () => {});
    }
    if (server === undefined) {
      if (parts.record) client.on('data', (chunk: Buffer) => this.#recorded.toServer.push(chunk));
      client.resume();
      client.on('end', () => client.end());
      return;
    }
    for (const direction of ['toServer', 'toClient'] as const) {
      const [from, to] = direction === 'toServer' ? [client, server] : [server, client];
      this.#ways[direction] = new ChaosWay({
        direction,
        from,
        to,
        bufferBytes: parts.bufferBytes,
        dice: parts.dice(direction),
        record: (chunk) => {
          if (parts.record) this.#recorded[direction].push(chunk);
        },
        struck: parts.struck,
        left: (bytes) => {
          parts.left(direction, bytes);
        },
        reset: () => {
          this.cut();
        },
      });
    }
  }

  get open(): boolean {
    return !this.#client.destroyed;
  }

  get recorded(): { toServer: Buffer; toClient: Buffer } {
    const { toServer, toClient } = this.#recorded;
    return { toServer: Buffer.concat(toServer), toClient: Buffer.concat(toClient) };
  }

  update(direction: ChaosDirection, conditions: ChaosConditions): void {
    this.#ways[direction]?.update(conditions);
  }

  aim(direction: ChaosDirection, strike: Strike): void {
    this.#ways[direction]?.aim(strike);
  }

  clear(): void {
    for (const way of Object.values(this.#ways)) way.clear();
  }

  cut(how: 'reset' | 'end' = 'reset'): void {
    if (how === 'end') {
      this.#client.end();
      this.#server?.destroy();
      return;
    }
    reset(this.#client);
    if (this.#server !== undefined) reset(this.#server);
  }
}
