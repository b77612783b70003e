import { Conversation, within } from '../connection/conversation.ts';
import { closed } from '../connection/losses.ts';
import { MemcacheConnectionError, type MemcacheError, type Sent } from '../errors.ts';
import { PatientTimer } from '../primitives/patient-timer.ts';
import { errorFor, errorLine } from '../protocol/status.ts';
import { ADMINISTRATION } from '../server/answer-command.ts';
import { refuseAdministration, timedOut } from '../server/refusals.ts';
import type { Server } from '../server/server.ts';
import { aborted } from './abort-watch.ts';
import type { Core } from './core.ts';

/** One exchange, and who waits for it. */
export interface Exchange {
  readonly server: Server;
  /** What errors call it. */
  readonly verb: string;
  readonly waiter: { readonly deadline: number; sent: Sent };
  readonly signal: AbortSignal | undefined;
}

/** The connections of their own that a client has open, for what has an end of its own. */
export class Exchanges {
  readonly #core: Core;
  readonly #calls = new Map<Conversation, Promise<unknown>>();
  readonly #listings = new Set<Conversation>();
  #closed = false;

  constructor(core: Core) {
    this.#core = core;
  }

  /** A connection to a server, closed again whatever comes of `talk`, at the latest at the waiter's deadline. */
  async have<R>(exchange: Exchange, talk: (conversation: Conversation) => Promise<R>): Promise<R> {
    const { server, verb, waiter, signal } = exchange;
    const { options, metrics } = this.#core;
    metrics.otherCommands++;
    const conversation = new Conversation(server.address, options);
    const limits = {
      timeoutMs: Math.max(0, waiter.deadline - performance.now()),
      late: () => {
        metrics.timeouts++;
        return timedOut(verb, server.name, conversation.sent);
      },
      signal,
      aborted: (reason: unknown) => aborted(reason, conversation.sent),
      unref: options.unref,
    };
    const had = within(conversation, limits, async () => {
      await admit(server, verb);
      await conversation.greet();
      return talk(conversation);
    });
    this.#calls.set(conversation, had);
    try {
      return await had;
    } finally {
      this.#calls.delete(conversation);
    }
  }

  /** A connection for a listing, which may take for ever. To be given back by `endListing`. */
  beginListing(server: Server): Conversation {
    if (this.#closed) throw closed(server.name);
    this.#core.metrics.otherCommands++;
    const conversation = new Conversation(server.address, this.#core.options);
    this.#listings.add(conversation);
    return conversation;
  }

  endListing(conversation: Conversation): void {
    this.#listings.delete(conversation);
    conversation.close();
  }

  /** Ends listings now, and waits for everything else, at most `timeoutMs`. */
  async close(timeoutMs: number): Promise<void> {
    this.#closed = true;
    const end = (conversation: Conversation): void =>
      conversation.fail(closed(conversation.server, conversation.sent));
    for (const listing of this.#listings) end(listing);
    const timer = new PatientTimer(timeoutMs, () => {
      for (const conversation of this.#calls.keys()) end(conversation);
    });
    await Promise.allSettled(this.#calls.values());
    timer.stop();
  }
}

/** Hands what a caller wants done to the server: from now on it may have been done. */
export function say(
  conversation: Conversation,
  request: string | Uint8Array,
  waiter?: Exchange['waiter'],
): void {
  conversation.sent = 'maybe';
  if (waiter !== undefined) waiter.sent = 'maybe';
  conversation.say(request);
}

/** Refuses, before a byte is sent, what a proxy in front of several servers would hang up over. */
export async function admit(server: Server, verb: string): Promise<void> {
  if (!ADMINISTRATION.has(verb)) return;
  const { administration } = await server.learnLimits();
  if (!administration) throw refuseAdministration(verb, server.name);
}

/** The error that a line states, or undefined when it is no error line. */
export function refusalIn(line: string, verb: string, server: string): MemcacheError | undefined {
  const bytes = Buffer.from(line, 'latin1');
  const error = errorLine(bytes, 0, bytes.length);
  return error === undefined ? undefined : errorFor(error, verb, server);
}

/** An answer is none there could be. What it was may hold a key, and is not told. */
export function foreignLine(verb: string, server: string): MemcacheError {
  const message = `${server} answered ${verb} with a line that is none of its answers`;
  const details = { server, command: verb, sent: 'maybe' as const, retryable: true };
  return new MemcacheConnectionError('ERR_MEMCACHE_PROTOCOL', message, details);
}
