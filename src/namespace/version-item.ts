import type { Version } from './version.ts';

/** Until when something is asked for, and for whom. */
export interface Patience {
  /** Milliseconds of the monotonic clock. */
  readonly deadline: number;
  readonly signal: AbortSignal | undefined;
}

/** A question that has been put to the server, or is about to be. */
export interface VersionQuestion {
  /** It has not left yet: whatever happened before this moment shows in its answer. */
  readonly unsent: boolean;
  /** What is stored; undefined for nothing. Rejects where it cannot be had. */
  readonly answer: Promise<unknown>;
}

/** What was found in the place of a version, and the token that names just this. */
export interface StoredVersion {
  readonly value: unknown;
  readonly cas: string;
}

/** What a namespace needs of a client: the one item that holds its version. */
export interface VersionItem {
  /** Asks for it together with everything else that is asked for in this moment. */
  ask(patience: Patience): VersionQuestion;
  look(patience: Patience): Promise<StoredVersion | undefined>;
  /** Stores it for good if there is none; whether it was stored. */
  add(version: Version, patience: Patience): Promise<boolean>;
  /** Stores it for good if what is there still has this token; whether it was stored. */
  swap(version: Version, cas: string, patience: Patience): Promise<boolean>;
}
