import type { Carrier } from '../connection/carrier.ts';
import type { MemcacheError } from '../errors.ts';
import type { CommandMessage } from '../observability/channels.ts';
import type { Counted, Tally } from './tally.ts';

/** Notes on the message of an operation what carries it. */
export class CarriedTally implements Tally {
  readonly #message: CommandMessage;
  readonly #inner: Tally;

  constructor(message: CommandMessage, inner: Tally) {
    this.#message = message;
    this.#inner = inner;
  }

  settled(call: Counted, answer: unknown, error: MemcacheError | undefined): void {
    this.#inner.settled(call, answer, error);
  }

  carried({ to, batch }: Carrier): void {
    const message = this.#message;
    message.server = to.server;
    message.serverAddress = to.serverAddress;
    message.serverPort = to.serverPort;
    // A volley tells a call of each of its keys.
    if (batch !== undefined && message.batches.at(-1) !== batch) message.batches.push(batch);
  }
}
