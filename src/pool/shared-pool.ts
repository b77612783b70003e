import { IllegalInputError } from '../errors.ts';
import { type Member, poolClosed, PoolMembers } from './members.ts';
import { checkPoolOptions, SHARED_POOL_RULES, type SharedPoolOptions } from './options.ts';

/** Members are looked at this many times in the shortest time they may idle or live, within these bounds. */
const LOOKS = 4;
const LEAST_LOOK_MS = 10;
const MOST_LOOK_MS = 1000;

/**
 * Members that any number of callers use at the same time, such as connections that carry many commands. A caller
 * gives nothing back: `load` says how much a member has to do. How long members idle and live is known to within a
 * quarter of the shorter time, at most a second.
 */
export class SharedPool<T> {
  readonly #options: SharedPoolOptions<T>;
  readonly #members: PoolMembers<T>;
  /** Those that may be picked. The others finish what they have to do, and do not count against `max`. */
  #open: Member<T>[] = [];
  readonly #lookMs: number;
  #timer: NodeJS.Timeout | undefined;
  /** Runs while members that are too many have something to do. */
  #ending: NodeJS.Timeout | undefined;

  /** Throws IllegalInputError (ERR_MEMCACHE_OPTION) that names the option it cannot work with. */
  constructor(options: SharedPoolOptions<T>) {
    checkPoolOptions(options, SHARED_POOL_RULES);
    this.#options = options;
    this.#members = new PoolMembers(options);
    const { idleTimeoutMs, lifetimeMs } = this.#members;
    const shortest = Math.min(...[idleTimeoutMs, lifetimeMs].filter((ms) => ms > 0));
    this.#lookMs = Math.min(Math.max(shortest / LOOKS, LEAST_LOOK_MS), MOST_LOOK_MS);
    if (shortest === Infinity) this.#lookMs = Infinity;
  }

  /** Members, with those that are not picked any more and finish what they have to do. */
  get size(): number {
    return this.#members.size;
  }

  /**
   * The member with the least load. While all have something to do and there are fewer than `max`, a new one.
   * Throws ERR_MEMCACHE_CLOSED, or what `create` throws.
   */
  pick(): T {
    if (this.#members.closed) throw poolClosed();
    let best: Member<T> | undefined;
    let least = Infinity;
    for (const member of this.#open) {
      const load = this.#options.load(member.item);
      if (best !== undefined && load >= least) continue;
      best = member;
      least = load;
      if (load === 0) break;
    }
    if (best === undefined || (least > 0 && this.#open.length < this.#members.max))
      best = this.#make();
    best.inUse = true;
    return best.item;
  }

  /**
   * Changes how many there may be, from 1. Those that are too many, with least to do, are not picked any more, and are
   * destroyed once they have nothing to do.
   */
  resize(max: number): void {
    this.#members.max = max;
    if (this.#open.length <= max) return;
    const loadOf = ({ item }: Member<T>): number => this.#options.load(item);
    const byLoad = this.#open.toSorted((one, other) => loadOf(other) - loadOf(one));
    for (const member of byLoad.slice(max)) member.retiresAt = -Infinity;
    this.#look();
    this.#ending ??= setInterval(() => this.#lookForEnd(), LEAST_LOOK_MS).unref();
  }

  /**
   * Destroys a member at once, whatever it has to do: it is broken.
   * Throws IllegalInputError (ERR_MEMCACHE_VALUE) for what is no member.
   */
  discard(item: T): void {
    const member = this.#members.get(item);
    if (member === undefined)
      throw new IllegalInputError('ERR_MEMCACHE_VALUE', 'only a member can be discarded');
    this.#remove(member);
  }

  /**
   * Lets nobody pick any more. Members are destroyed when they have nothing to do. Resolves when the last one is gone.
   */
  close(): Promise<void> {
    const gone = this.#members.close();
    this.#open = [];
    clearInterval(this.#ending);
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#look();
    // It is what the caller waits for, so it keeps the process.
    if (this.#members.size > 0) this.#timer = setInterval(() => this.#look(), LEAST_LOOK_MS);
    return gone;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #make(): Member<T> {
    this.#members.make();
    let item: T;
    try {
      item = this.#options.create();
    } catch (error) {
      this.#members.failed();
      throw error;
    }
    const member = this.#members.made(item);
    this.#open.push(member);
    if (this.#timer === undefined && this.#lookMs !== Infinity) {
      this.#timer = setInterval(() => this.#look(), this.#lookMs);
      this.#timer.unref();
    }
    return member;
  }

  #lookForEnd(): void {
    this.#look();
    if (this.#members.size > this.#open.length) return;
    clearInterval(this.#ending);
    this.#ending = undefined;
  }

  #look(): void {
    const now = performance.now();
    for (const member of this.#members.all()) {
      const busy = this.#options.load(member.item) > 0;
      // What was picked a moment ago may be given something to do in this one.
      if (busy || member.inUse) member.usedAt = now;
      const free = !busy && !member.inUse;
      member.inUse = false;
      if (member.retiresAt <= now) this.#open = this.#open.filter((other) => other !== member);
      if (this.#members.closed ? !busy : free && this.#members.endOf(member) <= now)
        this.#remove(member);
    }
  }

  #remove(member: Member<T>): void {
    this.#open = this.#open.filter((other) => other !== member);
    this.#members.remove(member);
    if (this.#members.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}
