/** Calls of one turn that are answered at once. */
const AT_ONCE = 100;

const nothing = (): void => {};

/**
 * Lets the event loop turn among calls that are settled before they are handed out: those whose server is out, above all.
 * A caller who awaits one after the other would else let no timer and no socket of the process in until the server is back.
 */
export class TurnTaking {
  #left = AT_ONCE;
  #turn: Promise<void> | undefined;

  /** The promise of a settled call, as it is or as one that is settled with the next turn. */
  handOut<R>(promise: Promise<R>): Promise<R> {
    this.#turn ??= new Promise((resolve) => {
      setImmediate(() => {
        this.#turn = undefined;
        this.#left = AT_ONCE;
        resolve();
      });
    });
    if (this.#left-- > 0) return promise;
    // Its caller hears of it, in the next turn.
    promise.catch(nothing);
    return this.#turn.then(() => promise);
  }
}
