import type { ResolvedOptions } from '../config/options.ts';
import type { Counts } from '../observability/counts.ts';
import type { Timing } from '../observability/timing.ts';
import type { Scope } from '../primitives/scope.ts';
import type { Ticker } from '../primitives/ticker.ts';
import type { WireKey } from '../protocol/key.ts';
import type { Announcer } from './announcer.ts';
import type { Key } from './read.ts';

/** What the places of a client need from it. */
export interface PlacesParts {
  readonly options: ResolvedOptions;
  readonly prefix: WireKey;
  readonly ticker: Ticker;
  /** The client, counted from 1 in this process. */
  readonly client: number;
  /** For what belongs to no caller. */
  readonly scope: Scope;
  readonly timing: Timing;
  readonly counts: Counts;
  readonly events: Announcer;
  readonly wire: (key: Key) => WireKey;
  /** Whether a request that was refused as a whole may be asked again in halves. */
  readonly mayRepeat: () => boolean;
}
