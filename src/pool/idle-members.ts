import type { Member, PoolMembers } from './members.ts';

/** A timer of Node's takes no longer. */
const LONGEST_TIMER_MS = 2_147_483_647;

/** The members of a pool that nobody has borrowed. A timer that keeps no process alive ends those that are due. */
export class IdleMembers<T> {
  readonly #members: PoolMembers<T>;
  /** Longest idle first. */
  readonly #idle: Member<T>[] = [];
  #timer: NodeJS.Timeout | undefined;
  #timerAt = Infinity;

  constructor(members: PoolMembers<T>) {
    this.#members = members;
  }

  get size(): number {
    return this.#idle.length;
  }

  add(member: Member<T>): void {
    this.#idle.push(member);
    this.#wakeAt(this.#members.endOf(member));
  }

  /** The one added last, unless it is due. */
  take(): Member<T> | undefined {
    for (let member = this.#idle.pop(); member !== undefined; member = this.#idle.pop()) {
      if (!this.#members.isDue(member)) return member;
      this.#members.remove(member);
    }
    return undefined;
  }

  end(): void {
    this.#stopTimer();
    for (const member of this.#idle.splice(0)) this.#members.remove(member);
  }

  /** A timer that finds nothing idle does not come back. */
  #wakeAt(time: number): void {
    if (time >= this.#timerAt) return;
    this.#stopTimer();
    this.#timerAt = time;
    const delay = Math.min(Math.max(1, Math.ceil(time - performance.now())), LONGEST_TIMER_MS);
    this.#timer = setTimeout(() => this.#retire(), delay);
    this.#timer.unref();
  }

  #stopTimer(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#timerAt = Infinity;
  }

  #retire(): void {
    this.#stopTimer();
    const now = performance.now();
    for (const member of this.#idle.splice(0)) {
      const end = this.#members.endOf(member);
      if (end <= now) this.#members.remove(member);
      else {
        this.#idle.push(member);
        this.#wakeAt(end);
      }
    }
  }
}
