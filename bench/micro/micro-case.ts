/** A piece of the client driven in process, without a socket. Whoever makes one has checked what comes out of it. */
export interface MicroCase {
  readonly name: string;
  /** Of one run; figures are per operation. Enough of them that reading the clock does not count. */
  readonly operations: number;
  /** What has to be there before a run, and is not timed. */
  prepare?(): void;
  run(): unknown;
}

/** A room of the client, by the name it is chosen by. */
export interface Subject {
  readonly name: string;
  readonly cases: readonly MicroCase[];
}

/** Nobody is timed on wrong answers. */
export function expect(holds: boolean, what: string): void {
  if (!holds) throw new Error(`wrong before it was timed: ${what}`);
}
