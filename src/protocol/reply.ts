import type { AskedKeys } from './asked-keys.ts';
import type { ItemFacts } from './meta-flags.ts';
import type { ErrorLine } from './status.ts';

/** The shapes an answer can have. */
export type Grammar =
  /** `VALUE <key> <flags> <length> [<cas>]` with its bytes, any number of times, then `END`. */
  | 'items'
  /** Lines; the command itself says which is the last. */
  | 'lines'
  /** Meta answers: status lines, or `VA <length>[ <flag>]*` with its bytes; the command says which is the last. */
  | 'meta';

/** What a line is to the command whose answer is due: its last one, one of several, or nothing it could be answered. */
export type LineVerdict = 'last' | 'more' | 'foreign';

/**
 * One stored item as it lies in memory. There is one of these per parser, filled anew for every item: everything in it
 * is valid only inside the call that hands it over.
 */
export interface ItemView {
  /** The memory the item's bytes stand in. */
  readonly bytes: Buffer;
  readonly start: number;
  readonly end: number;
  /** The item's client flags. */
  readonly flags: number;
  /** The decimal cas token where the answer holds one, else ''. */
  readonly cas: string;
  /** True when `bytes` was made for this item alone: the receiver may keep it, nobody will write to it again. */
  readonly owned: boolean;
  /** What a meta answer says beside all that; of a classic one nothing. */
  readonly facts: ItemFacts;
}

/** Receives an answer, item by item or line by line. All calls are synchronous; views end with the call. */
export interface ReplySink {
  readonly grammar: Grammar;
  /** Which awaited key stands at `start`..`end`: its index, or -1 if none that is still open does. Changes nothing. */
  match(bytes: Buffer, start: number, end: number): number;
  /** Whether anybody still waits for that item; if not, its bytes are passed over without being gathered. */
  wants(index: number): boolean;
  item(index: number, item: ItemView): void;
  /** With grammar 'meta': whether the item that was handed over last is the end of the answer. */
  readonly complete: boolean;
  /** With grammar 'meta': whether an error line concerns one thing of several that were asked; 'foreign' if not. */
  refusedPart(error: ErrorLine): LineVerdict;
  /** The END of items: what was not among them is a miss. */
  end(): void;
  /** One line without its CRLF. */
  line(bytes: Buffer, start: number, end: number): LineVerdict;
}

/** A sink with grammar 'items'. */
export interface ItemsSink extends ReplySink {
  readonly asked: AskedKeys;
}

/** The commands a connection still owes an answer for, as the parser sees them. */
export interface ReplySlots {
  /** Whose answer comes next. */
  readonly head: ReplySink | undefined;
  /** The head has its whole answer. */
  answered(): void;
  /** The head was answered with an error line. */
  refused(error: ErrorLine): void;
}
