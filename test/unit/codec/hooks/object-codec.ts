/** An object for a codec; it writes the largest flags there are, and tells which it was given. */
class ObjectCodec {
  readonly flags = 0xffff_ffff;

  encode(value: unknown): { bytes: Uint8Array; flags: number } {
    return { bytes: Buffer.from(JSON.stringify(value)), flags: this.flags };
  }

  decode(_bytes: Uint8Array, flags: number): unknown {
    return { read: flags, written: this.flags };
  }
}

const codec: ObjectCodec = new ObjectCodec();
// oxlint-disable-next-line import/no-default-export -- what is loaded is a default export
export default codec;
