import type { Strike, UnitStrike } from './chaos-strike.ts';
import type { Frame, StreamUnit } from './stream-frames.ts';

/** One strike on one connection: how many of its units are yet to come. */
interface Aim {
  readonly strike: Strike<UnitStrike>;
  readonly of: StreamUnit;
  toGo: number;
}

/** Where the stream goes on. */
export type Onward = (bytes: Buffer, dataBytes: number) => void;

/** Takes whole items and replies out of a stream and makes something else of them. */
export class UnitStrikes {
  readonly #onward: Onward;
  #aims: Aim[] = [];
  /** What is being taken out. */
  #current: Aim | undefined;
  #taken: Buffer[] = [];
  /** The unit that is to come after the one being taken out. */
  #postponed: Buffer | undefined;

  constructor(onward: Onward) {
    this.#onward = onward;
  }

  get idle(): boolean {
    return this.#aims.length === 0 && this.#current === undefined;
  }

  aim(strike: Strike<UnitStrike>): void {
    const { of = 'reply', nth = 1 } = strike.what;
    this.#aims.push({ strike, of, toGo: nth });
  }

  pass(frame: Frame): void {
    if (frame.begins !== undefined && this.#current === undefined) this.#choose(frame.begins);
    if (this.#current === undefined) {
      this.#onward(frame.bytes, frame.dataBytes);
      return;
    }
    this.#taken.push(frame.bytes);
    if (this.#fits(frame.ends, this.#current.of)) this.#complete(this.#current);
  }

  /** Nothing comes any more: what was taken out goes on as it is. */
  flush(): void {
    const rest = [this.#postponed ?? Buffer.alloc(0), ...this.#taken];
    this.#forget();
    for (const bytes of rest) this.#send(bytes);
  }

  /** The strikes are over, and what was taken out goes on. */
  clear(): void {
    this.#aims = [];
    this.flush();
  }

  #fits(border: StreamUnit | undefined, of: StreamUnit): boolean {
    return border === 'reply' || border === of;
  }

  #choose(begins: StreamUnit): void {
    this.#aims = this.#aims.filter(({ strike }) => strike.pending);
    for (const aim of this.#aims) if (this.#fits(begins, aim.of)) aim.toGo--;
    this.#current = this.#aims.find(({ toGo }) => toGo <= 0);
    if (this.#current !== undefined) this.#current.toGo = this.#current.strike.what.nth ?? 1;
  }

  #complete({ strike }: Aim): void {
    const { what } = strike;
    const bytes = Buffer.concat(this.#taken);
    if (what.do === 'swap' && this.#postponed === undefined) {
      this.#postponed = bytes;
      this.#taken = [];
      return;
    }
    const postponed = this.#postponed;
    this.#forget();
    if (strike.pending) {
      strike.take();
      if (what.do === 'drop') return;
      if (what.do === 'rewrite') {
        this.#send(Buffer.from(what.as(bytes)));
        return;
      }
      this.#send(bytes);
      if (what.do === 'duplicate') this.#send(bytes);
    } else this.#send(bytes);
    if (postponed !== undefined) this.#send(postponed);
  }

  #forget(): void {
    this.#current = undefined;
    this.#taken = [];
    this.#postponed = undefined;
  }

  #send(bytes: Buffer): void {
    if (bytes.length > 0) this.#onward(bytes, -1);
  }
}
