import { isBase64, type WireKey } from '../protocol/key.ts';
import { isSince, type Version } from '../protocol/version.ts';
import type { ServerLimits } from './limits.ts';
import type { ReadForm } from './read-form.ts';

/** What binds an answer to its request beside their order and the key: the flag `O` of a meta command. */
export interface Mark {
  /** What the answer repeats; '' where nothing is asked to be. */
  readonly text: string;
  /** To stand behind the other flags; '' where the mark is the caller's own, which stands among them. */
  readonly flag: string;
  /** An answer without it is somebody else's. */
  readonly demanded: boolean;
}

export const NO_MARK: Mark = { text: '', flag: '', demanded: false };

/** Before, a miss says nothing of its request. */
const REPEATED_SINCE: Version = [1, 6, 18];

/** Whether every answer of this server repeats its mark, and may be held to that. */
export const demandsMarks = ({ marks, version }: ServerLimits): boolean =>
  marks && (version === undefined || isSince(version, REPEATED_SINCE));

/** The mark of the next command to a server; `own` is the caller's. */
export function markOf(limits: ServerLimits, own?: string): Mark {
  if (own !== undefined) return { text: own, flag: '', demanded: demandsMarks(limits) };
  if (!limits.marks) return NO_MARK;
  const text = String(serials(1));
  return { text, flag: ` O${text}`, demanded: demandsMarks(limits) };
}

const MOST_SERIALS = 1_000_000_000;
let latestSerial = 0;

/** The first of so many numbers in a row that no answer still due carries, on whatever connection. */
export function serials(count: number): number {
  if (latestSerial + count > MOST_SERIALS) latestSerial = 0;
  const first = latestSerial + 1;
  latestSerial += count;
  return first;
}

/** The marks of the reads of one request. */
export class ReadMarks {
  /** That of the first key; the others follow by their places. */
  first = 0;
  #every = false;
  /** An answer without its mark is somebody else's. */
  demanded = false;

  /** Another request, of so many keys. */
  begin(limits: ServerLimits, count: number): void {
    this.first = serials(count);
    this.#every = limits.marks;
    this.demanded = demandsMarks(limits);
  }

  /** What the answer about the key at this place repeats; '' where the key alone says whose it is. */
  of({ opaque }: ReadForm, key: WireKey, place: number): string {
    if (opaque !== undefined) return opaque;
    return this.#every || isBase64(key) ? String(this.first + place) : '';
  }
}
