import type { Finding } from './ledger.ts';

interface Counter {
  /** Steps that were asked for: no count is higher. */
  begun: number;
  /** The highest count that was answered: what is counted afterwards is higher, unless the server lost it. */
  answered: number;
  readonly seen: Set<number>;
}

/** Counters that only ever go up by one: no two answers are alike. */
export class Counts {
  readonly #counters = new Map<string, Counter>();
  readonly #kept: boolean;

  /** `kept`: no server loses what it has counted. */
  constructor(kept: boolean) {
    this.#kept = kept;
  }

  /** To be called before the step is asked for; the answer is judged by what is returned. */
  begin(key: string): (answer: unknown) => Finding {
    let counter = this.#counters.get(key);
    if (counter === undefined) {
      counter = { begun: 0, answered: 0, seen: new Set() };
      this.#counters.set(key, counter);
    }
    counter.begun++;
    const floor = this.#kept ? counter.answered : 0;
    return (answer) => this.#judge(counter, floor, answer);
  }

  #judge(counter: Counter, floor: number, answer: unknown): Finding {
    if (answer === undefined) return 'miss';
    if (typeof answer !== 'number' || answer > counter.begun || answer < 0) return 'wrong';
    if (this.#kept && (answer < floor || counter.seen.has(answer))) return 'wrong';
    counter.seen.add(answer);
    counter.answered = Math.max(counter.answered, answer);
    return 'right';
  }
}
