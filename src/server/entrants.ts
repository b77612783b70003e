import type { MemcacheError } from '../errors.ts';
import type { WireKey } from '../protocol/key.ts';
import type { AnswerCommand } from './answer-command.ts';
import type { Lane } from './lane.ts';
import type { QuietCommand } from './quiet-commands.ts';
import type { ReadForm } from './read-form.ts';
import type { AnswerSink, ReadSink } from './sinks.ts';

/** An operation that has not come into the queue of its server at once. */
export interface Entrant {
  readonly verb: string;
  readonly key: WireKey;
  /** Bytes by which its lane is chosen. */
  readonly size: number;
  /** Of its key and its value. */
  readonly bytes: number;
  readonly deadline: number;
  readonly abandoned: boolean;
  enter(lane: Lane): void;
  /** Tells its caller, if there still is one, and lets go of its memory. */
  fail(error: MemcacheError): void;
}

/** Who asked, and for which of its things. */
interface Asker<S> {
  readonly sink: S;
  readonly tag: number;
}

export class EnteringRead implements Entrant {
  readonly key: WireKey;
  readonly #form: ReadForm;
  readonly #asker: Asker<ReadSink>;

  constructor(form: ReadForm, key: WireKey, asker: Asker<ReadSink>) {
    this.key = key;
    this.#form = form;
    this.#asker = asker;
  }

  get verb(): string {
    return this.#form.verb;
  }

  get size(): number {
    return this.#asker.sink.bulk ? Infinity : 0;
  }

  get bytes(): number {
    return this.key.length + this.#form.bytesBeside;
  }

  get deadline(): number {
    return this.#asker.sink.deadline;
  }

  get abandoned(): boolean {
    return this.#asker.sink.settled;
  }

  enter(lane: Lane): void {
    lane.read(this.#form, this.key, this.#asker.sink, this.#asker.tag);
  }

  fail(error: MemcacheError): void {
    if (!this.abandoned) this.#asker.sink.fail(this.#asker.tag, error);
  }
}

export class EnteringCommand implements Entrant {
  readonly size: number;
  readonly #command: AnswerCommand<unknown>;

  constructor(command: AnswerCommand<unknown>, size: number) {
    this.size = size;
    this.#command = command;
  }

  get verb(): string {
    return this.#command.verb;
  }

  get key(): WireKey {
    return this.#command.key;
  }

  get bytes(): number {
    return this.#command.bytes;
  }

  get deadline(): number {
    return this.#command.deadline;
  }

  get abandoned(): boolean {
    return this.#command.abandoned;
  }

  enter(lane: Lane): void {
    lane.send(this.#command);
  }

  fail(error: MemcacheError): void {
    this.#command.fail(error);
    this.#command.release?.();
  }
}

export class EnteringQuietly implements Entrant {
  readonly #command: QuietCommand;
  readonly #asker: Asker<AnswerSink<undefined>>;

  constructor(command: QuietCommand, asker: Asker<AnswerSink<undefined>>) {
    this.#command = command;
    this.#asker = asker;
  }

  get verb(): string {
    return this.#command.verb;
  }

  get key(): WireKey {
    return this.#command.key;
  }

  get size(): number {
    return this.#command.length;
  }

  get bytes(): number {
    return this.key.length + this.size;
  }

  get deadline(): number {
    return this.#asker.sink.deadline;
  }

  get abandoned(): boolean {
    return this.#asker.sink.settled;
  }

  enter(lane: Lane): void {
    lane.quietly(this.#command, this.#asker.sink, this.#asker.tag);
  }

  fail(error: MemcacheError): void {
    if (!this.abandoned) this.#asker.sink.fail(this.#asker.tag, error);
    this.#command.release?.();
  }
}
