import type { Socket } from 'node:net';
import { Door } from './door.ts';

/** Somebody in this process who listens until told to stop. */
export abstract class Doorkeeper {
  protected readonly door: Door;

  constructor(where: { readonly port?: number; readonly unixSocket?: string }) {
    this.door = new Door(where, (socket) => {
      this.welcome(socket);
    });
  }

  get address(): string {
    return this.door.address;
  }

  get port(): number {
    return this.door.port;
  }

  start(): Promise<void> {
    return this.door.open();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  abstract stop(): Promise<void>;

  /** Somebody has connected. */
  protected abstract welcome(socket: Socket): void;
}
