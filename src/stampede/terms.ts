/** How a value is fetched where it is not simply there. */
export interface Terms {
  /** Milliseconds a winner has before another may take its place. */
  readonly lockMs: number;
  /** What those do who have not won. */
  readonly wait: 'stale' | 'fresh' | 'never';
  /** Milliseconds they wait at most. */
  readonly waitMs: number;
  /** A winner who holds a value answers it at once. */
  readonly background: boolean;
  /** That the loader found nothing is stored, too. */
  readonly remembersNothing: boolean;
  /** A cache that fails is the caller's affair; otherwise the loader takes its place. */
  readonly failsWithCache: boolean;
}
