import { type Channel, channel, tracingChannel } from 'node:diagnostics_channel';
import {
  type BatchMessage,
  type ChannelMessages,
  CHANNELS,
  type CommandMessage,
  type ConnectMessage,
} from './channels.ts';

/** A tracing channel with one type of message. Ask `active` before a message is made. */
export class Tracing<M extends object> {
  readonly #start: Channel;
  readonly #end: Channel;
  readonly #asyncStart: Channel;
  readonly #asyncEnd: Channel;
  readonly #error: Channel;

  constructor(name: string) {
    const { start, end, asyncStart, asyncEnd, error } = tracingChannel<M, M>(name);
    this.#start = start;
    this.#end = end;
    this.#asyncStart = asyncStart;
    this.#asyncEnd = asyncEnd;
    this.#error = error;
  }

  /** Whether anybody listens to any of its events. 3 ns; that of a TracingChannel takes 28 in some releases of Node. */
  get active(): boolean {
    return (
      this.#start.hasSubscribers ||
      this.#asyncEnd.hasSubscribers ||
      this.#error.hasSubscribers ||
      this.#end.hasSubscribers ||
      this.#asyncStart.hasSubscribers
    );
  }

  /**
   * As TracingChannel.tracePromise: what `begin` does, and what follows from it, sees the stores that are bound to
   * `start`. `settle` says what the answer tells of the operation: subscribers are not to have the answer itself. `begin`
   * does not throw. Who passes the promise over leaves as many rejections unhandled as without anybody listening: one.
   */
  promise<R>(message: M, begin: () => Promise<R>, settle: (answer: R) => void): Promise<R> {
    return this.#start.runStores(message, () => {
      const promise = begin().then(
        (answer) => {
          settle(answer);
          this.#settled(message);
          return answer;
        },
        (error: unknown) => {
          this.#failed(message, error);
          throw error;
        },
      );
      this.#end.publish(message);
      return promise;
    });
  }

  /** Something begins that is not a promise: `done` follows. */
  begin(message: M): void {
    this.#start.runStores(message, () => this.#end.publish(message));
  }

  done(message: M, error?: unknown): void {
    if (error === undefined) this.#settled(message);
    else this.#failed(message, error);
  }

  #settled(message: M): void {
    this.#asyncStart.runStores(message, () => this.#asyncEnd.publish(message));
  }

  #failed(message: M, error: unknown): void {
    (message as { error?: unknown }).error = error;
    this.#error.publish(message);
    this.#settled(message);
  }
}

export const COMMANDS: Tracing<CommandMessage> = new Tracing(CHANNELS.command);
export const BATCHES: Tracing<BatchMessage> = new Tracing(CHANNELS.batch);
export const CONNECTS: Tracing<ConnectMessage> = new Tracing(CHANNELS.connect);

/** The channels without an end. */
export type PointName = Exclude<keyof typeof CHANNELS, 'command' | 'batch' | 'connect'>;

const POINTS: Readonly<Record<PointName, Channel>> = {
  connectionReady: channel(CHANNELS.connectionReady),
  connectionClosed: channel(CHANNELS.connectionClosed),
  serverState: channel(CHANNELS.serverState),
  retry: channel(CHANNELS.retry),
  shed: channel(CHANNELS.shed),
  codec: channel(CHANNELS.codec),
  discovery: channel(CHANNELS.discovery),
  guard: channel(CHANNELS.guard),
};

/** Ask before a message is made. */
export function hears(name: PointName): boolean {
  return POINTS[name].hasSubscribers;
}

export function publish<N extends PointName>(
  name: N,
  message: ChannelMessages[(typeof CHANNELS)[N]],
): void {
  POINTS[name].publish(message);
}
