import type { Carrier } from '../connection/carrier.ts';
import type { MemcacheError, Sent } from '../errors.ts';
import type { WireKey } from '../protocol/key.ts';
import { asSent } from '../retry/policy.ts';
import type { Server } from '../server/server.ts';
import type { AnswerSink } from '../server/sinks.ts';
import type { Key } from './read.ts';
import type { FailedOperation } from './retries.ts';

/** Where operations go, and whether they may go once more. */
export interface AttemptRoom {
  /** The server that is to have this key now, or why none is. */
  route(by: Key, tried?: readonly string[]): Server | MemcacheError;
  /** Where an operation has been tried, with the server that failed it now; undefined where it may go there again. */
  triedToo(
    tried: readonly string[] | undefined,
    error: MemcacheError,
  ): readonly string[] | undefined;
  again(failed: Omit<FailedOperation, 'elsewhere'>, operation: () => void): boolean;
  /** Removes the copy that a key which has moved lately may have at its former server. */
  forgetFormer(by: Key, wire: WireKey): void;
}

/** The call an operation belongs to; `tag` says which of its things. */
export interface AttemptCall<A> extends AnswerSink<A> {
  awaits(tag: number): boolean;
}

/** What an operation is about. */
export interface Subject {
  readonly verb: string;
  readonly wire: WireKey;
  /** The key it is placed by. */
  readonly by: Key;
  readonly tag: number;
}

/** An operation on one key on its way to a server, as often as it takes. It stands between the command and the call. */
export abstract class Attempt<A> implements AnswerSink<A> {
  protected readonly room: AttemptRoom;
  protected readonly call: AttemptCall<A>;
  protected readonly subject: Subject;
  /** Servers its next attempt is not to go to. */
  protected tried: readonly string[] | undefined;
  #attempt = 1;
  #sent: Sent = 'no';

  constructor(room: AttemptRoom, call: AttemptCall<A>, subject: Subject) {
    this.room = room;
    this.call = call;
    this.subject = subject;
  }

  get deadline(): number {
    return this.call.deadline;
  }

  get settled(): boolean {
    return !this.call.awaits(this.subject.tag);
  }

  get sent(): Sent {
    return this.#sent;
  }

  set sent(sent: Sent) {
    this.#sent = sent;
    this.call.sent = sent;
  }

  carried(by: Carrier): void {
    this.call.carried?.(by);
  }

  /** Sends it to the server that is to have its key now. */
  abstract go(): void;

  answer(_tag: number, answer: A): void {
    this.call.answer(this.subject.tag, answer);
  }

  fail(_tag: number, error: MemcacheError): void {
    const { verb, tag, wire } = this.subject;
    const sent = this.#sent === 'no' ? error.sent : 'maybe';
    const { deadline } = this;
    const failed = { error, verb, attempt: this.#attempt, deadline, sent, changes: wire };
    const again = (): void => {
      this.#attempt++;
      this.tried = this.room.triedToo(this.tried, error);
      this.retry();
    };
    if (this.room.again(failed, again)) return;
    this.call.fail(tag, this.#sent === 'no' ? error : asSent(error));
  }

  protected retry(): void {
    if (!this.settled) this.go();
  }
}
