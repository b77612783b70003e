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
  encode(value: unknown, context: CodecContext): { bytes: Uint8Array; flags: number };
  decode(bytes: Uint8Array, flags: number, context: CodecContext): unknown;
}
