import { Moment, type Operation } from './moment.ts';
import { freshVersion, isVersion, type Version } from './version.ts';
import type { Patience, StoredVersion, VersionItem } from './version-item.ts';

const nothing = (): void => {};

/**
 * The version of one namespace, as far as one client knows it. Operations are done under the last known one at once,
 * and it is asked for in the same moment: where another one stood, they are done once more under that.
 *
 * Operations take effect in the order they were issued: as soon as another version is known, all that are still
 * unconfirmed begin under it, in their order, before anything issued later does.
 */
export class CurrentVersion {
  readonly #item: VersionItem;
  readonly #now: () => number;
  #known: Version | undefined;
  /** When the known one was last asked for: it stood there then, or later. */
  #askedAt = -Infinity;
  #latest: Moment | undefined;
  readonly #unconfirmed = new Set<Moment>();

  /** `now` is the monotonic clock, in milliseconds. */
  constructor(item: VersionItem, now: () => number) {
    this.#item = item;
    this.#now = now;
  }

  /** The last known one. */
  get known(): Version | undefined {
    return this.#known;
  }

  /** The version, if it was asked for less than `maxAgeMs` ago. */
  recent(maxAgeMs: number): Version | undefined {
    return maxAgeMs > 0 && this.#now() - this.#askedAt < maxAgeMs ? this.#known : undefined;
  }

  /** Does something under the current version: now under the known one, and again where that was another. */
  run(operation: Operation, patience: Patience): Moment {
    const latest = this.#latest;
    const moment = latest?.admits(patience) === true ? latest : this.#ask(patience);
    moment.operations.push(operation);
    if (this.#known !== undefined) operation.begin(this.#known);
    return moment;
  }

  /** Puts another version there. Rejects where that cannot be done, or is not known to have been done. */
  async invalidate(patience: Patience): Promise<void> {
    const askedAt = this.#now();
    let version: Version | undefined;
    let before = this.#known;
    for (let overtaken = false; version === undefined; overtaken = true) {
      const found = await this.#item.look(patience);
      const stored = isVersion(found?.value) ? found.value : undefined;
      const isLater = stored !== undefined && (before === undefined || stored > before);
      // What somebody else has put there since this began is just as fresh; not what another server still has.
      if (overtaken && isLater && this.#stands(stored)) version = stored;
      else version = await this.#put(found, patience);
      before = later(before, stored);
    }
    this.#learn(version, askedAt);
  }

  #ask(patience: Patience): Moment {
    const moment = new Moment(patience, this.#now(), this.#item.ask(patience));
    this.#latest = moment;
    this.#unconfirmed.add(moment);
    moment.confirmed = this.#confirm(moment);
    // Its operations look at it when they have been answered.
    moment.confirmed.catch(nothing);
    return moment;
  }

  async #confirm(moment: Moment): Promise<void> {
    try {
      const stored = await moment.question.answer;
      const version = this.#stands(stored) ? stored : await this.#mend(stored, moment);
      this.#learn(version, moment.askedAt);
      moment.isConfirmed = true;
    } finally {
      this.#unconfirmed.delete(moment);
      moment.operations.length = 0;
    }
  }

  /** One that is older than the known one has come back, with a server that was away. */
  #stands(stored: unknown): stored is Version {
    if (stored === this.#known) return stored !== undefined;
    return isVersion(stored) && (this.#known === undefined || stored > this.#known);
  }

  /** Puts a version where none is, or none that may stand; answers the one that stands then. */
  async #mend(stored: unknown, patience: Patience): Promise<Version> {
    let found = stored === undefined ? undefined : await this.#item.look(patience);
    for (;;) {
      const standing = found?.value;
      if (this.#stands(standing)) return standing;
      const version = await this.#put(found, patience);
      if (version !== undefined) return version;
      found = await this.#item.look(patience);
    }
  }

  /** Puts a fresh version in the place of what was found there; undefined if that is no longer so. */
  async #put(found: StoredVersion | undefined, patience: Patience): Promise<Version | undefined> {
    const last = isVersion(found?.value) ? found.value : undefined;
    const version = freshVersion(later(last, this.#known));
    const stored =
      found === undefined
        ? await this.#item.add(version, patience)
        : await this.#swap(version, found.cas, patience);
    return stored ? version : undefined;
  }

  async #swap(version: Version, cas: string, patience: Patience): Promise<boolean> {
    try {
      return await this.#item.swap(version, cas, patience);
    } catch (error) {
      // It may have been stored: nobody is to rely on the known one without asking.
      this.#askedAt = -Infinity;
      throw error;
    }
  }

  #learn(version: Version, askedAt: number): void {
    if (askedAt > this.#askedAt) this.#askedAt = askedAt;
    // An answer that was overtaken by a later one.
    if (this.#known !== undefined && version <= this.#known) return;
    this.#known = version;
    for (const { operations } of this.#unconfirmed)
      for (const operation of operations) operation.begin(version);
  }
}

function later(one: Version | undefined, other: Version | undefined): Version | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return one > other ? one : other;
}
