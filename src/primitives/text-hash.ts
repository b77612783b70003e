/** A 32-bit hash of short text, for tables and for spreading; no guard against chosen collisions. */
export function textHash(text: string): number {
  let code = 0;
  for (let i = 0; i < text.length; i++) code = (Math.imul(code, 31) + text.charCodeAt(i)) | 0;
  return code ^ (code >>> 15);
}

/** The same, while the text is written, one byte per character: it is gone through once. */
export function writeHashed(text: string, bytes: Uint8Array, at: number): number {
  let code = 0;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    bytes[at + i] = unit;
    code = (Math.imul(code, 31) + unit) | 0;
  }
  return code ^ (code >>> 15);
}
