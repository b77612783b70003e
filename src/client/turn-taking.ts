/** How often in a turn calls are answered at once. What is called in one go counts once: it waits for nothing. */
const AT_ONCE = 10;

const nothing = (): void => {};

/**
 * Lets the event loop turn among calls that are settled before they are handed out: those whose server is out, above all.
 * A caller who awaits one after the other would else let no timer and no socket of the process in until the server is back.
 */
export class TurnTaking {
  #left = AT_ONCE;
  #counted = false;
  #turn: Promise<void> | undefined;
  readonly #forget = (): void => {
    this.#counted = false;
  };

  /** The promise of a settled call, as it is or as one that is settled with the next turn. */
  handOut<R>(promise: Promise<R>): Promise<R> {
    this.#turn ??= this.#next();
    if (!this.#counted) {
      this.#counted = true;
      this.#left--;
      queueMicrotask(this.#forget);
    }
    if (this.#left >= 0) return promise;
    // Its caller hears of it, in the next turn.
    promise.catch(nothing);
    return this.#turn.then(() => promise);
  }

  #next(): Promise<void> {
    return new Promise((resolve) => {
      setImmediate(() => {
        this.#turn = undefined;
        this.#left = AT_ONCE;
        resolve();
      });
    });
  }
}
