import { textHash } from './text-hash.ts';

/**
 * Counts texts. An open-addressing table that makes no garbage: a Map whose entries come and go replaces its table all
 * the time, and the tables that grow old cost whole collections
 * (`npm run bench -- --scenario get --size 100000 --kind buffer`).
 */
export class KeyCounts {
  #mask = 63;
  #texts: string[] = new Array<string>(64).fill('');
  /** 0 is an empty place. */
  #counts: Int32Array = new Int32Array(64);
  #size = 0;

  /** How many texts have a count. */
  get size(): number {
    return this.#size;
  }

  has(text: string): boolean {
    return this.#size > 0 && this.#counts[this.#placeOf(text)] > 0;
  }

  add(text: string): void {
    if (this.#size * 2 > this.#mask) this.#grow();
    const place = this.#placeOf(text);
    if (this.#counts[place]++ > 0) return;
    this.#texts[place] = text;
    this.#size++;
  }

  /** Takes one off a text's count, if it has any. */
  subtract(text: string): void {
    const place = this.#placeOf(text);
    if (this.#counts[place] === 0 || --this.#counts[place] > 0) return;
    this.#size--;
    this.#close(place);
  }

  #placeOf(text: string): number {
    let place = textHash(text) & this.#mask;
    while (this.#counts[place] > 0 && this.#texts[place] !== text) place = (place + 1) & this.#mask;
    return place;
  }

  /** Moves up what stands behind an emptied place and would not be found across it. */
  #close(emptied: number): void {
    let hole = emptied;
    let next = (hole + 1) & this.#mask;
    while (this.#counts[next] > 0) {
      const home = textHash(this.#texts[next]) & this.#mask;
      if (((next - home) & this.#mask) >= ((next - hole) & this.#mask)) {
        this.#texts[hole] = this.#texts[next];
        this.#counts[hole] = this.#counts[next];
        hole = next;
      }
      next = (next + 1) & this.#mask;
    }
    this.#texts[hole] = '';
    this.#counts[hole] = 0;
  }

  #grow(): void {
    const texts = this.#texts;
    const counts = this.#counts;
    const length = texts.length * 2;
    this.#mask = length - 1;
    this.#texts = new Array<string>(length).fill('');
    this.#counts = new Int32Array(length);
    texts.forEach((text, i) => {
      if (counts[i] === 0) return;
      const place = this.#placeOf(text);
      this.#texts[place] = text;
      this.#counts[place] = counts[i];
    });
  }
}
