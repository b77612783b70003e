import type { MemcacheError } from '../errors.ts';
import type { ConnectMessage } from '../observability/channels.ts';
import { CONNECTS, hears, publish } from '../observability/tracing.ts';
import { closed } from './losses.ts';
import type { Telling } from './telling.ts';

/** What is told of the dials of one link, and of the connections they make. A probe that is answered is neither. */
export class DialJournal {
  readonly #telling: Telling | undefined;
  #message: ConnectMessage | undefined;
  #begunAt = 0;
  #is: 'nothing' | 'dialling' | 'ready' = 'nothing';

  constructor(telling: Telling | undefined) {
    this.#telling = telling;
  }

  begun(): void {
    if (this.#telling === undefined) return;
    const { client, to } = this.#telling;
    this.#is = 'dialling';
    this.#begunAt = performance.now();
    if (!CONNECTS.active) return;
    this.#message = { client, ...to };
    CONNECTS.begin(this.#message);
  }

  ready(version: string): void {
    if (this.#telling === undefined || this.#is !== 'dialling') return;
    const { client, to, times } = this.#telling;
    this.#is = 'ready';
    times.created(performance.now() - this.#begunAt);
    this.#done(undefined);
    if (hears('connectionReady')) publish('connectionReady', { client, ...to, version });
  }

  /** There is no connection any more, or none has come of it; no error where that is in good order. */
  over(error: MemcacheError | undefined): void {
    if (this.#telling === undefined || this.#is === 'nothing') return;
    const { client, to } = this.#telling;
    const was = this.#is;
    this.#is = 'nothing';
    if (was === 'dialling') this.#done(error ?? closed(to.server));
    else if (hears('connectionClosed')) publish('connectionClosed', { client, ...to, error });
  }

  #done(error: MemcacheError | undefined): void {
    const message = this.#message;
    this.#message = undefined;
    if (message !== undefined) CONNECTS.done(message, error);
  }
}
