import type { Carrier } from '../connection/carrier.ts';
import type { MemcacheError } from '../errors.ts';
import type { CommandMessage } from '../observability/channels.ts';
import type { Counted, Tally } from './tally.ts';

/** On the message of an operation that more than one server has carried: none of them is its server. */
const SEVERAL = Symbol('several servers');

type Noted = CommandMessage & { [SEVERAL]?: true };

/** Notes on the message of an operation what carries it. */
export class CarriedTally implements Tally {
  readonly #message: Noted;
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
    const { batchSize, server } = message;
    if (batchSize !== undefined && server !== undefined && server !== to.server)
      message[SEVERAL] = true;
    const only = message[SEVERAL] === true ? undefined : to;
    message.server = only?.server;
    message.serverAddress = only?.serverAddress;
    message.serverPort = only?.serverPort;
    // A volley tells a call of each of its keys.
    if (batch !== undefined && message.batches.at(-1) !== batch) message.batches.push(batch);
  }
}
