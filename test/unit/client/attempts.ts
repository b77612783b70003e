import type { AttemptRoom } from '../../../src/client/attempt.ts';
import type { Key } from '../../../src/client/read.ts';
import type { FailedOperation } from '../../../src/client/retries.ts';
import { parseServer } from '../../../src/connection/address.ts';
import { CONNECTION_DEFAULTS } from '../../../src/connection/options.ts';
import { MemcacheConnectionError, type MemcacheError, type Sent } from '../../../src/errors.ts';
import { Metrics } from '../../../src/observability/metrics.ts';
import { Ticker } from '../../../src/primitives/ticker.ts';
import { SERVER_DEFAULTS } from '../../../src/server/options.ts';
import { Server } from '../../../src/server/server.ts';
import type { Waiting } from '../../../src/server/sinks.ts';
import type { AnswerSink } from '../../../src/server/sinks.ts';
import type { StoreAnswer, StoreRequest } from '../../../src/server/store-command.ts';

/** What a store asked of its server. */
export interface AskedStore extends StoreRequest {
  readonly waiting: Waiting<AnswerSink<StoreAnswer>>;
}

/** A server nobody talks to: it keeps what it is asked, for the test to answer. */
export class DeafServer extends Server {
  readonly stores: AskedStore[] = [];
  readonly removed: { key: string; waiting: Waiting<AnswerSink<boolean>> }[] = [];

  constructor(name: string = 'deaf:1') {
    super({
      address: parseServer(name),
      options: { ...CONNECTION_DEFAULTS, ...SERVER_DEFAULTS },
      ticker: new Ticker(),
      metrics: new Metrics(),
      events: {
        connection: () => {},
        health: () => {},
        shed: () => {},
        large: () => {},
        mayRepeat: () => true,
        rejected: () => {},
        desync: () => {},
      },
    });
  }

  override store(request: StoreRequest, waiting: Waiting<AnswerSink<StoreAnswer>>): void {
    this.stores.push({ ...request, waiting });
  }

  override delete(key: string, waiting: Waiting<AnswerSink<boolean>>): void {
    this.removed.push({ key, waiting });
  }
}

/** Sends everything to one server, and says of each failure what a test has laid down for it. */
export class OneServerRoom implements AttemptRoom {
  readonly triedToo = (): undefined => undefined;
  readonly server: DeafServer = new DeafServer();
  /** Where the next operations go, each once; then to the server. */
  readonly routes: (Server | MemcacheError)[] = [];
  /** What becomes of the next failures: another attempt at once or once `run` is called. Beyond it they are final. */
  readonly verdicts: ('now' | 'later')[] = [];
  readonly failures: Omit<FailedOperation, 'elsewhere'>[] = [];
  readonly forgotten: [by: Key, wire: string][] = [];
  readonly #pausing: (() => void)[] = [];

  route(): Server | MemcacheError {
    return this.routes.shift() ?? this.server;
  }

  again(failed: Omit<FailedOperation, 'elsewhere'>, operation: () => void): boolean {
    this.failures.push(failed);
    const verdict = this.verdicts.shift();
    if (verdict === 'now') operation();
    else if (verdict === 'later') this.#pausing.push(operation);
    return verdict !== undefined;
  }

  forgetFormer(by: Key, wire: string): void {
    this.forgotten.push([by, wire]);
  }

  /** The pauses are over. */
  run(): void {
    for (const operation of this.#pausing.splice(0)) operation();
  }
}

/** A call for any number of things. */
export class Caller<A> {
  readonly deadline: number = Infinity;
  sent: Sent = 'no';
  /** It has given up. */
  settled = false;
  readonly told: [tag: number, what: A | MemcacheError][] = [];

  awaits(tag: number): boolean {
    return !this.settled && !this.told.some(([told]) => told === tag);
  }

  answer(tag: number, answer: A): void {
    this.told.push([tag, answer]);
  }

  fail(tag: number, error: MemcacheError): void {
    this.told.push([tag, error]);
  }
}

export const lostError = (sent: Sent = 'maybe'): MemcacheError =>
  new MemcacheConnectionError('ERR_MEMCACHE_CONNECTION_LOST', 'lost', { server: 'deaf:1', sent });
