/** When a piece of work asked for in this turn of the event loop is to run. */
export type Schedule = (run: () => void) => void;

/**
 * After every promise job of this moment, before the loop turns. A plain nextTick splits the commands of one moment
 * in two, because it runs between the promise jobs of two callbacks; one asked for from a microtask does not.
 */
export const afterPromises: Schedule = (run) => {
  queueMicrotask(() => {
    process.nextTick(run);
  });
};

/** Once the loop has polled: what other sockets and callbacks of this turn still ask for is included. */
export const afterPoll: Schedule = (run) => {
  setImmediate(run);
};

/** Runs a piece of work once, however often it is asked for before it runs. */
export class OncePerTurn {
  readonly #run: () => void;
  #pending = false;

  constructor(work: () => void) {
    this.#run = () => {
      this.#pending = false;
      work();
    };
  }

  get pending(): boolean {
    return this.#pending;
  }

  request(schedule: Schedule): void {
    if (this.#pending) return;
    this.#pending = true;
    schedule(this.#run);
  }
}
