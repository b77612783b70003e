/** What a codec may know about the item besides its bytes. */
export interface CodecContext {
  /** The caller's own key. */
  readonly key: string | Uint8Array;
}

/** A value ready to be stored. */
export interface EncodedValue {
  /** The item's 32-bit client flags. */
  readonly flags: number;
  /** Text is stored as UTF-8. Bytes stay the encoder's until they are answered for, see `release`. */
  readonly data: string | Uint8Array;
  /** Called once when the socket has no more use for `data`. */
  readonly release?: () => void;
}

/**
 * A codec of the user's own. Both functions are synchronous and may throw; `bytes` handed to `decode` belong to the
 * codec, which may keep them.
 */
export interface Codec {
  /** Bytes and flags of a value, or an error. */
  encode(
    value: unknown,
    context: CodecContext,
  ): {
    /** What is stored; not to be changed afterwards. */
    bytes: Uint8Array;
    /** The item's client flags, 0 to 2^32 - 1. */
    flags: number;
  };
  /** The value of an item, or an error: the item is unreadable. */
  decode(bytes: Uint8Array, flags: number, context: CodecContext): unknown;
}
