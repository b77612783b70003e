interface Flight {
  readonly lease: string;
  readonly answer: Promise<unknown>;
}

/**
 * The loads of this process that are under way with a lease. Whoever finds its own lease, or that of the winner it
 * would wait for, among them shares the answer. A key has one flight: with a newer lease the older is forgotten, since
 * what it loads may be what was invalidated.
 */
export class Flights {
  readonly #flights = new Map<string, Flight>();

  get size(): number {
    return this.#flights.size;
  }

  /** What is being loaded for a key under this lease; '' stands for any. */
  of(id: string, lease: string): Promise<unknown> | undefined {
    const flight = this.#flights.get(id);
    return flight !== undefined && (lease === '' || flight.lease === lease)
      ? flight.answer
      : undefined;
  }

  /** Whoever asks from now on shares it no more. */
  forget(id: string): void {
    this.#flights.delete(id);
  }

  /** `over` ends it: until then the value is not in the cache. It must not reject. */
  begin(id: string, flight: Flight, over: Promise<void>): void {
    this.#flights.set(id, flight);
    void over.then(() => {
      if (this.#flights.get(id) === flight) this.#flights.delete(id);
    });
  }
}
