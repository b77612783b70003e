import { ManyError, type MemcacheError } from '../errors.ts';
import type { AnswerSink } from '../server/sinks.ts';
import { Call } from './call.ts';

/** A call with one answer; `read` makes the caller's result of the server's answer, or throws. */
export class SingleAnswer<A, R> extends Call<R> implements AnswerSink<A> {
  readonly #read: (answer: A) => R;

  constructor(deadline: number, read: (answer: A) => R) {
    super(deadline);
    this.#read = read;
  }

  answer(_tag: number, answer: A): void {
    try {
      this.resolve(this.#read(answer));
    } catch (error) {
      this.reject(error as MemcacheError);
    }
  }

  fail(_tag: number, error: MemcacheError): void {
    this.reject(error);
  }
}

const NONE = Symbol('not answered');

/** A call with one answer for each of its keys, or of its servers, and one promise for all. */
export class ManyAnswer<K, A, R> extends Call<R> implements AnswerSink<A> {
  readonly #keys: readonly K[];
  /** Undefined is an answer, too: that of a command nobody answers. */
  readonly #answers: (A | typeof NONE)[];
  readonly #awaited: boolean[];
  readonly #read: (answers: Map<K, A>) => R;
  #open: number;
  #errors: Map<K, MemcacheError> | undefined;

  constructor(deadline: number, keys: readonly K[], read: (answers: Map<K, A>) => R) {
    super(deadline);
    this.#keys = keys;
    this.#answers = new Array<A | typeof NONE>(keys.length).fill(NONE);
    this.#awaited = new Array<boolean>(keys.length).fill(true);
    this.#read = read;
    this.#open = keys.length;
    this.operations = keys.length;
    if (this.#open === 0) this.resolve(read(new Map()));
  }

  override awaits(tag: number): boolean {
    return !this.settled && this.#awaited[tag];
  }

  answer(tag: number, answer: A): void {
    if (!this.awaits(tag)) return;
    this.#answers[tag] = answer;
    this.#close(tag);
  }

  fail(tag: number, error: MemcacheError): void {
    if (!this.awaits(tag)) return;
    this.#errors ??= new Map();
    this.#errors.set(this.#keys[tag], error);
    this.#close(tag);
  }

  #close(tag: number): void {
    this.#awaited[tag] = false;
    if (--this.#open > 0) return;
    const answers = new Map<K, A>();
    this.#keys.forEach((key, i) => {
      const answer = this.#answers[i];
      if (answer !== NONE) answers.set(key, answer);
    });
    if (this.#errors === undefined) this.resolve(this.#read(answers));
    else this.reject(this.failure(answers, this.#errors));
  }

  protected failure(answers: Map<K, A>, errors: Map<K, MemcacheError>): MemcacheError {
    return new ManyError(answers, errors);
  }
}

/** A call with one answer for each server. */
export class ServersAnswer<A> extends ManyAnswer<string, A, Map<string, A>> {
  constructor(deadline: number, names: readonly string[]) {
    super(deadline, names, (answers) => answers);
  }

  /** Where there is one server, its failure is that of the call. */
  protected override failure(
    answers: Map<string, A>,
    errors: Map<string, MemcacheError>,
  ): MemcacheError {
    const [error] = errors.values();
    return errors.size + answers.size === 1 ? error : super.failure(answers, errors);
  }
}
