/**
 * A growing ring of everything one connection still owes an answer for, oldest first.
 *
 * ```
 *   answered │ written            │ queued             │ free
 *   (gone)   │ bytes have left,   │ bytes have not     │
 *            │ answer awaited     │ left               │
 *            ▲ head               ▲ boundary           ▲ tail
 * ```
 * `push` adds at the tail, `advance` moves the boundary over the oldest queued entry, `shift` takes the oldest written
 * one away. An entry is unreachable from the ring the moment it is shifted: keeping answered entries for even a
 * thousand places turns young garbage into survivors and costs half the throughput (`npm run bench -- --scenario get`).
 */
export class Ring<T> {
  #places: (T | undefined)[];
  #mask: number;
  #head = 0;
  #boundary = 0;
  #tail = 0;

  constructor(capacity = 64) {
    const size = 2 ** Math.ceil(Math.log2(Math.max(2, capacity)));
    this.#places = new Array<T | undefined>(size).fill(undefined);
    this.#mask = size - 1;
  }

  get empty(): boolean {
    return this.#head === this.#tail;
  }

  push(entry: T): void {
    if (this.#tail - this.#head > this.#mask) this.#grow();
    this.#places[this.#tail++ & this.#mask] = entry;
  }

  /** The oldest written entry: whose answer comes next. */
  get head(): T | undefined {
    return this.#head === this.#boundary ? undefined : this.#places[this.#head & this.#mask];
  }

  /** The oldest queued entry: whose bytes leave next. */
  get next(): T | undefined {
    return this.#boundary === this.#tail ? undefined : this.#places[this.#boundary & this.#mask];
  }

  /** The oldest queued entry has been handed to the socket. */
  advance(): void {
    if (this.#boundary === this.#tail) throw new RangeError('nothing is queued');
    this.#boundary++;
  }

  /** Takes away the oldest queued entry: it is not to be written. The hole it leaves is passed over. */
  skip(): void {
    this.#places[this.#boundary & this.#mask] = undefined;
    this.advance();
    this.#passHoles();
  }

  /** Takes away the oldest written entry: it has been answered, or its connection is gone. */
  shift(): T | undefined {
    if (this.#head === this.#boundary) return undefined;
    const place = this.#head++ & this.#mask;
    const entry = this.#places[place];
    this.#places[place] = undefined;
    this.#passHoles();
    return entry;
  }

  /** Visits the written entries, oldest first, and then the queued ones, also those that are pushed meanwhile. */
  forEach(visit: (entry: T, written: boolean) => void): void {
    // Counted from the head: a push that lets the ring grow moves the marks.
    for (let i = 0; i < this.#tail - this.#head; i++) {
      const at = this.#head + i;
      const entry = this.#places[at & this.#mask];
      if (entry !== undefined) visit(entry, at < this.#boundary);
    }
  }

  #passHoles(): void {
    while (this.#head !== this.#boundary && this.#places[this.#head & this.#mask] === undefined)
      this.#head++;
    if (this.#head !== this.#tail) return;
    // The marks stay small integers for the life of a process.
    this.#head = 0;
    this.#boundary = 0;
    this.#tail = 0;
  }

  #grow(): void {
    const places = new Array<T | undefined>(this.#places.length * 2).fill(undefined);
    const length = this.#tail - this.#head;
    for (let i = 0; i < length; i++) places[i] = this.#places[(this.#head + i) & this.#mask];
    this.#boundary -= this.#head;
    this.#head = 0;
    this.#tail = length;
    this.#places = places;
    this.#mask = places.length - 1;
  }
}
