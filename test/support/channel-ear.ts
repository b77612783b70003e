import { subscribe, tracingChannel, unsubscribe } from 'node:diagnostics_channel';
import type { TestContext } from 'node:test';
import { type ChannelMessages, CHANNELS } from '../../src/index.ts';

type Name = keyof typeof CHANNELS;

/** One event of a channel: a copy of its message as it was then. */
export interface Heard {
  readonly name: Name;
  /** Of a tracing channel: start, end, asyncStart, asyncEnd, error. */
  readonly event: string | undefined;
  readonly message: Record<string, unknown>;
}

const TRACED: readonly Name[] = ['command', 'batch', 'connect'];
const EVENTS = ['start', 'end', 'asyncStart', 'asyncEnd', 'error'] as const;

/** Listens to every channel until the test ends. */
export class ChannelEar {
  readonly heard: Heard[] = [];

  constructor(t: TestContext) {
    for (const name of Object.keys(CHANNELS) as Name[]) {
      if (TRACED.includes(name)) this.#trace(t, name);
      else this.#subscribe(t, name, CHANNELS[name], undefined);
    }
  }

  /** What was told of one event of a channel. */
  of<N extends Name>(name: N, event?: string): ChannelMessages[(typeof CHANNELS)[N]][] {
    return this.heard
      .filter((one) => one.name === name && one.event === event)
      .map(({ message }) => message as never);
  }

  #trace(t: TestContext, name: Name): void {
    const channel = tracingChannel(CHANNELS[name]);
    for (const event of EVENTS) this.#subscribe(t, name, String(channel[event].name), event);
  }

  #subscribe(t: TestContext, name: Name, channel: string, event: string | undefined): void {
    const listener = (message: unknown): void => {
      this.heard.push({ name, event, message: { ...(message as object) } });
    };
    subscribe(channel, listener);
    t.after(() => unsubscribe(channel, listener));
  }
}
