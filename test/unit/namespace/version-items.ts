import { MemcacheConnectionError } from '../../../src/errors.ts';
import type { Moment, Operation } from '../../../src/namespace/moment.ts';
import type { Version } from '../../../src/namespace/version.ts';
import type {
  Patience,
  StoredVersion,
  VersionItem,
  VersionQuestion,
} from '../../../src/namespace/version-item.ts';

export const patience = (deadline = 1000, signal?: AbortSignal): Patience => ({ deadline, signal });

export const lost = (): MemcacheConnectionError =>
  new MemcacheConnectionError('ERR_MEMCACHE_CONNECTION_LOST', 'lost', { sent: 'maybe' });

/** A question that the test sends and answers. */
export class Asked implements VersionQuestion {
  readonly patience: Patience;
  unsent = true;
  readonly answer: Promise<unknown>;
  readonly #item: SimulatedItem;
  #resolve: (stored: unknown) => void = () => {};
  #reject: (error: Error) => void = () => {};

  constructor(given: Patience, item: SimulatedItem) {
    this.patience = given;
    this.#item = item;
    this.answer = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  /** Answers with what is stored at this moment, or with something else. */
  async comes(...[stored]: [unknown?]): Promise<void> {
    this.unsent = false;
    this.#resolve(stored ?? this.#item.stored?.value);
    await settled();
  }

  async fails(error: Error = lost()): Promise<void> {
    this.unsent = false;
    this.#reject(error);
    await settled();
  }
}

/** The item of a version on a server that does at once what it is asked, but for questions. */
export class SimulatedItem implements VersionItem {
  stored: StoredVersion | undefined;
  readonly questions: Asked[] = [];
  readonly commands: string[] = [];
  /** Run before a command, each once: what others do meanwhile, or why it fails. */
  readonly before: ((() => void) | undefined)[] = [];
  #cas = 0;

  put(value: unknown): void {
    this.stored = { value, cas: String(++this.#cas) };
  }

  ask(given: Patience): VersionQuestion {
    const asked = new Asked(given, this);
    this.questions.push(asked);
    return asked;
  }

  async look(): Promise<StoredVersion | undefined> {
    this.#begin('look');
    return this.stored;
  }

  async add(version: Version): Promise<boolean> {
    this.#begin('add');
    if (this.stored !== undefined) return false;
    this.put(version);
    return true;
  }

  async swap(version: Version, cas: string): Promise<boolean> {
    this.#begin('swap');
    if (this.stored?.cas !== cas) return false;
    this.put(version);
    return true;
  }

  #begin(command: string): void {
    this.commands.push(command);
    this.before.shift()?.();
  }
}

/** Notes the versions it is begun under. */
export class NotedOperation implements Operation {
  readonly begun: Version[] = [];
  readonly #name: string;
  readonly #log: string[];

  constructor(name = '', log: string[] = []) {
    this.#name = name;
    this.#log = log;
  }

  begin(version: Version): void {
    if (this.begun.at(-1) === version) return;
    this.begun.push(version);
    this.#log.push(this.#name);
  }
}

/** All promise jobs have run. */
export const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** What became of a moment. */
export async function outcome(moment: Moment): Promise<unknown> {
  return moment.confirmed.then(
    () => 'confirmed',
    (error: unknown) => error,
  );
}
