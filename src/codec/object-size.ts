/** Weight of one object in the average size: 1 / 8. */
const AVERAGE_SHIFT = 3;

/** Size an object has when packed, on a moving average: whether the next is worth collecting. */
export class ObjectSize {
  #bytes = 0;

  note(bytes: number): void {
    this.#bytes += (bytes - this.#bytes) >> AVERAGE_SHIFT;
  }

  guess(value: unknown): number {
    if (typeof value === 'string' || value instanceof Uint8Array) return value.length;
    return isObject(value) ? this.#bytes : 0;
  }
}

/** What has to be serialized before it is bytes. */
export function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !(value instanceof Uint8Array);
}
