import { TICK_MS } from '../primitives/ticker.ts';
import type { Version } from './version.ts';
import type { Patience, VersionQuestion } from './version-item.ts';

/** Something that is done under a version. */
export interface Operation {
  /**
   * Does it under this version, unless it is being done under it. What was done under another one counts no more.
   * Does not throw.
   */
  begin(version: Version): void;
}

/** The operations that rely on one answer: those issued before the question has left. */
export class Moment implements Patience {
  readonly deadline: number;
  readonly signal: AbortSignal | undefined;
  /** Milliseconds of the monotonic clock. */
  readonly askedAt: number;
  readonly question: VersionQuestion;
  /** In the order they were issued; none once it is over. */
  readonly operations: Operation[] = [];
  /** The version they are done under is the one that stood when it was asked for. */
  isConfirmed = false;
  /** Resolves then, and rejects where the version cannot be had. */
  confirmed: Promise<void> = Promise.resolve();

  constructor(patience: Patience, askedAt: number, question: VersionQuestion) {
    this.deadline = patience.deadline;
    this.signal = patience.signal;
    this.askedAt = askedAt;
    this.question = question;
  }

  /** Whether an operation that is issued now may rely on it, and would wait no longer than its own time. */
  admits({ deadline, signal }: Patience): boolean {
    if (!this.question.unsent || signal !== this.signal) return false;
    return Math.abs(deadline - this.deadline) <= TICK_MS;
  }
}
