import { parseServer, type ServerSpec } from '../connection/address.ts';
import type { Conversation } from '../connection/conversation.ts';
import { ended } from '../connection/losses.ts';
import { IllegalInputError, ManyError, type MemcacheError } from '../errors.ts';
import { kindOf } from '../primitives/kind.ts';
import { Unbatched } from '../primitives/unbatched.ts';
import { wirePrefix } from '../protocol/key.ts';
import { refuseAdministration } from '../server/refusals.ts';
import type { Server } from '../server/server.ts';
import { SingleAnswer } from './answers.ts';
import { ANY_CALL, type CallOptions, type CallRules, checkCall } from './call-options.ts';
import type { Calls } from './calls.ts';
import type { Core } from './core.ts';
import { type Exchange, Exchanges, foreignLine, refusalIn, say } from './exchanges.ts';
import { listKeys } from './key-listing.ts';
import { checkKeysOptions, type KeysOptions, type ListedKey } from './keys.ts';
import { type RawOptions, rawRequest } from './raw.ts';
import { RawAnswer } from './raw-answer.ts';
import { type StatValue, statValues } from './stat-values.ts';

/** What `shutdown` may be given. */
export interface ShutdownOptions extends Pick<CallOptions, 'signal' | 'timeoutMs'> {
  /** Lets the servers end in good order, with what they keep for a restart. Default false. */
  readonly graceful?: boolean | undefined;
}

const SHUTDOWN_RULES: CallRules = {
  ...ANY_CALL,
  graceful: { legal: (value) => typeof value === 'boolean', what: 'true or false' },
};

/** What `meta.noop` may be given. */
export interface NoopOptions extends Pick<CallOptions, 'signal' | 'timeoutMs'> {
  /** The only server to ask, as in the option `servers`. Default: every one. */
  readonly server?: ServerSpec | undefined;
}

const NOOP_RULES: CallRules = { ...ANY_CALL, server: { legal: () => true, what: 'a server' } };

/** Words with single blanks between them. */
const STATS_GROUP = /^(?:[a-z0-9_]+(?: [a-z0-9_]+)*)?$/;

/** The largest number memcached reads as a level. */
const MAX_VERBOSITY = 4_294_967_295;

type Stats = Map<string, StatValue>;

/** The verbs about whole servers, with all that they need. */
export class Administration {
  readonly #core: Core;
  readonly #calls: Calls;
  readonly #exchanges: Exchanges;

  constructor(core: Core, calls: Calls) {
    this.#core = core;
    this.#calls = calls;
    this.#exchanges = new Exchanges(core);
  }

  async stats(group: string, options: CallOptions | undefined): Promise<Map<string, Stats>> {
    if (typeof group !== 'string' || !STATS_GROUP.test(group)) {
      const allowed = 'words of lower-case letters, digits and underscores with single blanks';
      throw refusal(`the group of stats must be ${allowed}, not ${kindOf(group)}`);
    }
    const read = (answers: Map<string, Map<string, string>>): Map<string, Stats> =>
      new Map([...answers].map(([server, answer]) => [server, statValues(answer, group)]));
    const asked = this.#calls.askServers<Map<string, string>>(
      { verb: 'stats', options },
      (server, waiting) => server.stats(group, waiting),
    );
    return asked.then(read, (error: unknown) => {
      if (!(error instanceof ManyError)) throw error;
      throw new ManyError(read(error.values as Map<string, Map<string, string>>), error.errors);
    });
  }

  async cacheMemlimit(
    megabytes: number,
    options: CallOptions | undefined,
  ): Promise<Map<string, true>> {
    if (!Number.isSafeInteger(megabytes) || megabytes < 1)
      throw refusal(`cacheMemlimit takes whole megabytes from 1, not ${kindOf(megabytes)}`);
    return this.#calls.askServers<true>({ verb: 'cacheMemlimit', options }, (server, waiting) =>
      server.cacheMemlimit(megabytes, waiting),
    );
  }

  async verbosity(level: number, options: CallOptions | undefined): Promise<Map<string, true>> {
    if (!Number.isSafeInteger(level) || level < 0 || level > MAX_VERBOSITY)
      throw refusal(`verbosity takes a whole number from 0 to 2^32 - 1, not ${kindOf(level)}`);
    return this.#calls.askServers<true>({ verb: 'verbosity', options }, (server, waiting) =>
      server.verbosity(level, waiting),
    );
  }

  async shutdown(options: ShutdownOptions): Promise<Map<string, true>> {
    checkCall(options, 'shutdown', SHUTDOWN_RULES);
    const { graceful = false, ...call } = options;
    const verb = 'shutdown';
    return this.#calls.askServers<true>({ verb, options: call }, (server, { sink, tag }) => {
      const exchange = { server, verb, waiter: sink, signal: call.signal };
      this.#exchanges
        .have(exchange, (conversation) => shutDown(conversation, graceful, exchange))
        .then(
          () => sink.answer(tag, true),
          (error: unknown) => sink.fail(tag, error as MemcacheError),
        );
    });
  }

  raw(command: string | Uint8Array, options: RawOptions): Promise<Buffer> {
    return this.#calls.whole('raw', undefined, (parts) => this.#raw(parts, command, options));
  }

  async #raw(calls: Calls, command: string | Uint8Array, options: RawOptions): Promise<Buffer> {
    const request = rawRequest(command, options);
    const { signal, timeoutMs, to } = options;
    const given = { signal, timeoutMs };
    const address = to === undefined ? undefined : parseServer(to, 'to').name;
    const deadline = this.#core.deadline('raw', given);
    if (!this.#core.known) await calls.ready(deadline, given);
    const server = this.#serverAt(address, 'to');
    return calls.begin('raw', () => {
      const call = new SingleAnswer<Buffer, Buffer>(deadline, (answer) => answer);
      if (!this.#core.begin(call, given)) return call;
      const { bytes, verb, until, maxBytes } = request;
      const answer = new RawAnswer({ until, maxBytes }, { server: server.name, command: verb });
      this.#exchanges
        .have({ server, verb, waiter: call, signal }, (conversation) => {
          say(conversation, bytes, call);
          return wholeAnswer(conversation, answer);
        })
        .then(
          (whole) => call.answer(0, whole),
          (error: unknown) => call.fail(0, error as MemcacheError),
        );
      return call;
    });
  }

  keys(options: KeysOptions): AsyncIterable<ListedKey> {
    return new Unbatched(this.#told(this.#keys(options)));
  }

  /** A listing is one operation, from the first key that is asked for. */
  async *#told(
    keys: AsyncGenerator<readonly ListedKey[], void, undefined>,
  ): AsyncGenerator<readonly ListedKey[], void, undefined> {
    const { observer } = this.#core;
    const done = observer.on ? observer.open('keys') : undefined;
    let failure: unknown;
    try {
      yield* keys;
    } catch (error) {
      failure = error;
      throw error;
    } finally {
      done?.(failure);
    }
  }

  async *#keys(options: KeysOptions): AsyncGenerator<readonly ListedKey[], void, undefined> {
    checkKeysOptions(options);
    const core = this.#core;
    const { signal, timeoutMs, form = 'metadump', from = 'all', all = false } = options;
    const only = options.server === undefined ? [] : [parseServer(options.server, 'server').name];
    const given = { signal, timeoutMs };
    await this.#calls.ready(core.deadline('keys', given), given);
    const servers =
      only.length === 0
        ? core.places.fleet.servers
        : only.map((name) => this.#serverAt(name, 'server'));
    const prefix = all ? '' : wirePrefix(core.options.keyPrefix);
    const patienceMs = timeoutMs ?? core.options.timeoutMs;
    const listing = { form, from, prefix, signal, patienceMs, unref: core.options.unref };
    for (const server of servers) yield* listKeys(this.#exchanges, server, listing);
  }

  close(timeoutMs: number): Promise<void> {
    return this.#exchanges.close(timeoutMs);
  }

  /** `mn`: each server has done what it was sent before on the same connection. */
  async noop(options: NoopOptions): Promise<Map<string, true>> {
    const verb = 'meta.noop';
    checkCall(options, verb, NOOP_RULES);
    const { server, ...call } = options;
    await this.#calls.ready(this.#core.deadline(verb, call), call);
    const only =
      server === undefined
        ? undefined
        : this.#serverAt(parseServer(server, 'server').name, 'server');
    return this.#calls.askServers<true>({ verb, options: call, only }, (asked, waiting) => {
      asked.noop(waiting);
    });
  }

  /** The server by its address; where there is but one, it needs none. */
  #serverAt(address: string | undefined, option: string): Server {
    const { fleet } = this.#core.places;
    if (address === undefined) {
      if (fleet.servers.length === 1) return fleet.servers[0];
      throw refusal(`option '${option}' must name one of the ${fleet.servers.length} servers`);
    }
    const server = fleet.server(address);
    if (server === undefined)
      throw refusal(`option '${option}' names ${address}, which is none of the servers`);
    return server;
  }
}

async function wholeAnswer(conversation: Conversation, answer: RawAnswer): Promise<Buffer> {
  for (;;) {
    const chunk = await conversation.next();
    if (chunk === undefined) throw ended(conversation.server);
    const whole = answer.feed(chunk);
    if (whole !== undefined) return whole;
  }
}

/** `shutdown[ graceful]`: a server that does it answers nothing and ends the connection. */
async function shutDown(
  conversation: Conversation,
  graceful: boolean,
  { server, verb, waiter }: Exchange,
): Promise<void> {
  // A proxy that hangs up over what it does not know must not look like a server that is gone.
  conversation.say('stats settings\r\n');
  if (!(await answersStats(conversation))) throw refuseAdministration(verb, server.name);
  say(conversation, graceful ? 'shutdown graceful\r\n' : 'shutdown\r\n', waiter);
  const line = await conversation.line().catch(undefinedIfReset);
  if (line === undefined) return;
  throw refusalIn(line, verb, server.name) ?? foreignLine(verb, server.name);
}

async function answersStats(conversation: Conversation): Promise<boolean> {
  for (;;) {
    const line = await conversation.line().catch(undefinedIfReset);
    if (line === undefined) return false;
    if (!line.startsWith('STAT ')) return true;
  }
}

/** A process that is gone may answer with a reset instead of an end. */
function undefinedIfReset(error: unknown): undefined {
  const { cause } = error as MemcacheError;
  const code = cause instanceof Error ? (cause as NodeJS.ErrnoException).code : undefined;
  if (code !== 'ECONNRESET' && code !== 'EPIPE') throw error;
}

const refusal = (message: string): IllegalInputError =>
  new IllegalInputError('ERR_MEMCACHE_OPTION', message);
