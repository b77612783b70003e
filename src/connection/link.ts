import { type MemcacheError, TimeoutError } from '../errors.ts';
import { PatientTimer } from '../primitives/patient-timer.ts';
import type { Scope } from '../primitives/scope.ts';
import type { ReplySlots } from '../protocol/reply.ts';
import type { Gathered } from '../protocol/request-writer.ts';
import { ResponseParser } from '../protocol/response-parser.ts';
import type { ServerAddress } from './address.ts';
import { Backoff } from './backoff.ts';
import { DialJournal } from './dial-journal.ts';
import { askTerms, type DialTerms } from './dial-terms.ts';
import { ended, lost, Refusal, unreachable } from './losses.ts';
import type { ConnectionOptions } from './options.ts';
import { Login, Readiness, READINESS_REQUEST } from './readiness.ts';
import { changeState, type ConnectionState } from './state.ts';
import type { Telling } from './telling.ts';
import { Wire, type WireEvents } from './wire.ts';

/** A socket that is lost sooner than this after it was ready has not served well. */
const SERVICE_MS = 1000;

/** What the owner of a link is told, and asked. */
export interface LinkEvents {
  /**
   * Asked before a socket is opened. `done` says the longest value a reply may hold, or an error that makes the dial
   * fail; `there`, which may come before it, that the server answers: its socket may be opened meanwhile.
   */
  prepare(
    done: (error: MemcacheError | undefined, maxValueBytes: number) => void,
    there: () => void,
  ): void;
  ready(version: string): void;
  received(bytes: number): void;
  /** What was written is lost, if anything was. No error when the server ended an idle socket in good order. */
  down(error: MemcacheError | undefined): void;
}

export interface LinkParts {
  readonly slots: ReplySlots;
  readonly events: LinkEvents;
  /** The socket was given up rather than believed, whatever it was used for; `down` follows. */
  readonly guarded: (error: MemcacheError) => void;
  readonly telling?: Telling | undefined;
}

/** The socket to one server over its changes: dialled when needed, shown to be alive, given up, dialled again. */
export class Link implements WireEvents {
  #state: ConnectionState = 'idle';
  #wire: Wire | undefined;
  #readyAt = 0;
  #lostEarly = false;
  #deadline: PatientTimer | undefined;
  #lastError: MemcacheError | undefined;
  /** What has to be said first on the socket that is being opened. */
  #login: Buffer | undefined;
  /** What the server calls itself on this socket, and bytes of its longest value: until both are known it is not ready. */
  #version: string | undefined;
  #longest: number | undefined;
  readonly #refusal: Refusal;
  readonly #address: ServerAddress;
  readonly #options: ConnectionOptions;
  readonly #slots: ReplySlots;
  readonly #events: LinkEvents;
  readonly #guarded: LinkParts['guarded'];
  readonly #backoff: Backoff;
  readonly #journal: DialJournal;
  readonly #scope: Scope | undefined;

  constructor(address: ServerAddress, options: ConnectionOptions, parts: LinkParts) {
    this.#address = address;
    this.#refusal = new Refusal(address.name);
    this.#options = options;
    this.#slots = parts.slots;
    this.#events = parts.events;
    this.#guarded = parts.guarded;
    this.#backoff = new Backoff(options.reconnect);
    this.#journal = new DialJournal(parts.telling);
    this.#scope = parts.telling?.scope;
  }

  /** The state as of now: a pause that is over has ended. */
  get state(): ConnectionState {
    if (this.#state === 'backoff' && this.#backoff.over(performance.now())) this.#change('idle');
    return this.#state;
  }

  /** What is told to those who come in a pause. */
  get refusal(): MemcacheError {
    return this.#refusal.for(this.#lastError);
  }

  /** A large value is on its way. */
  get arriving(): boolean {
    return this.#wire?.parser.arriving ?? false;
  }

  /** Ends a pause before its time. */
  endPause(): void {
    if (this.#state === 'backoff') this.#change('idle');
  }

  /** What comes of a socket is to belong to no caller, so its dial does not either. */
  dial(): void {
    if (this.#scope === undefined) this.#dial();
    else this.#scope.run(() => this.#dial());
  }

  #dial(): void {
    this.#change('dialing');
    this.#journal.begun();
    this.#within(this.#options.connectTimeoutMs);
    const dial = this.#deadline;
    // What comes after its time belongs to no dial any more.
    const late = (): boolean => this.#state !== 'dialing' || this.#deadline !== dial;
    let opens = false;
    const open = (): void => {
      if (opens || late()) return;
      opens = true;
      askTerms(this.#address, this.#options, {
        agreed: (terms) => {
          if (!late()) this.#open(terms);
        },
        failed: (failure) => {
          if (!late()) this.closed(failure);
        },
      });
    };
    this.#longest = undefined;
    this.#events.prepare((error, maxValueBytes) => {
      if (late()) return;
      if (error !== undefined) {
        this.#giveUp(error);
        return;
      }
      this.#longest = maxValueBytes;
      open();
      this.#begin();
    }, open);
  }

  /** Asks a ready link for an answer; `ready` is told again when it came, else it is dialled anew. */
  probe(): void {
    this.#change('probing');
    this.#within(this.#options.connectTimeoutMs);
    this.#ask();
  }

  write(gathered: Gathered, left: () => void): void {
    this.#wire?.write(gathered, left);
  }

  /** Gives the socket up, for `error` or because it is idle; `down` follows. */
  drop(error?: MemcacheError): void {
    this.#wire?.destroy(error);
  }

  /** For good. With `farewell` a server that can be told is told, and is the one who ends the connection. */
  close(farewell?: 'quit'): void {
    if (this.#state === 'closed') return;
    const tells = farewell !== undefined && this.#state === 'ready';
    this.#change('closed');
    this.#journal.over(undefined);
    this.#deadline?.stop();
    if (tells) this.#wire?.leave(`${farewell}\r\n`, this.#options.connectTimeoutMs);
    else this.#wire?.destroy();
  }

  opened(): void {
    const wire = this.#wire;
    const login = this.#login;
    if (wire === undefined || login === undefined) {
      this.#ask();
      return;
    }
    wire.parser.slots = new Login(this.#address.name, () => this.#ask());
    wire.write({ chunks: [login], blocks: [] }, () => {});
  }

  received(bytes: number): void {
    this.#events.received(bytes);
  }

  closed(error: MemcacheError | undefined): void {
    this.#deadline?.stop();
    this.#wire = undefined;
    if (error?.guard !== undefined) this.#guarded(error);
    switch (this.#state) {
      case 'dialing':
        this.#lastError = this.#connectError(error);
        this.#backoff.failed(performance.now());
        this.#change('backoff');
        this.#journal.over(this.#lastError);
        this.#events.down(this.#lastError);
        return;
      case 'ready':
        this.#lost(error);
        return;
      case 'probing':
        this.#change('idle');
        this.#journal.over(error);
        this.#events.down(undefined);
        return;
      default:
        this.#events.down(error);
    }
  }

  #open({ tls, login }: DialTerms): void {
    this.#login = login;
    const { readBufferBytes } = this.#options;
    const parser = new ResponseParser(this.#readiness(), { readBufferBytes, maxValueBytes: 0 });
    try {
      const wire = new Wire(this.#address, this.#options, { parser, events: this, tls });
      // A stream of the caller's own may be gone before it is handed over, and so may the caller.
      if (this.#state === 'dialing') this.#wire = wire;
      else wire.destroy();
    } catch (cause) {
      // TLS options that cannot be used, or the caller's own `connect`.
      this.closed(lost(this.#address.name, 'no stream could be made', cause));
    }
  }

  #ask(): void {
    const wire = this.#wire;
    if (wire === undefined) return;
    wire.parser.slots = this.#readiness();
    wire.write({ chunks: [READINESS_REQUEST], blocks: [] }, () => {});
  }

  #readiness(): Readiness {
    this.#version = undefined;
    return new Readiness(this.#address.name, (version) => {
      this.#version = version;
      this.#begin();
    });
  }

  /** Ready, once both are known. */
  #begin(): void {
    const version = this.#version;
    if (this.#wire === undefined || version === undefined || this.#longest === undefined) return;
    const { parser } = this.#wire;
    this.#deadline?.stop();
    parser.maxValueBytes = this.#longest;
    parser.slots = this.#slots;
    this.#readyAt = performance.now();
    this.#change('ready');
    this.#journal.ready(version);
    this.#events.ready(version);
  }

  /** After long service the next dial may follow at once; after a second short one it has to wait. */
  #lost(cause: MemcacheError | undefined): void {
    // An end in good order is none while answers are due.
    const error = cause ?? (this.#slots.head === undefined ? undefined : ended(this.#address.name));
    const now = performance.now();
    const early = now - this.#readyAt < SERVICE_MS;
    if (!early) this.#backoff.served();
    if (early && error !== undefined) this.#backoff.failed(now);
    this.#lastError = error;
    this.#change(early && this.#lostEarly && error !== undefined ? 'backoff' : 'idle');
    this.#lostEarly = early;
    this.#journal.over(error);
    this.#events.down(error);
  }

  #within(ms: number): void {
    this.#deadline = new PatientTimer(ms, () => {
      const error = new TimeoutError(
        'ERR_MEMCACHE_CONNECT',
        `${this.#address.name} gave no answer within ${ms} ms`,
        {
          server: this.#address.name,
          retryable: true,
        },
      );
      this.#giveUp(error);
    });
    if (this.#options.unref) this.#deadline.unref();
  }

  #giveUp(error: MemcacheError): void {
    if (this.#wire === undefined) this.closed(error);
    else this.#wire.destroy(error);
  }

  #connectError(cause: MemcacheError | undefined): MemcacheError {
    if (cause?.code === 'ERR_MEMCACHE_CONNECT' || cause?.code === 'ERR_MEMCACHE_AUTH') return cause;
    return unreachable(this.#address.name, cause?.cause ?? cause);
  }

  #change(to: ConnectionState): void {
    this.#state = changeState(this.#state, to);
  }
}
