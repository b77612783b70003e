/** Buffer methods that skip the encoding dispatch of `toString` and `write`; public in practice, untyped. */
interface DirectBuffer extends Buffer {
  latin1Slice(start: number, end: number): string;
  utf8Slice(start: number, end: number): string;
  latin1Write(text: string, offset: number): number;
  utf8Write(text: string, offset: number): number;
}

/** One character per byte. */
export const latin1 = (bytes: Buffer, start: number, end: number): string =>
  (bytes as DirectBuffer).latin1Slice(start, end);

export const utf8 = (bytes: Buffer, start: number, end: number): string =>
  (bytes as DirectBuffer).utf8Slice(start, end);

/** Writes one byte per character and returns how many were written. */
export const writeLatin1 = (bytes: Buffer, text: string, offset: number): number =>
  (bytes as DirectBuffer).latin1Write(text, offset);

/** Writes text as UTF-8 and returns how many bytes it took. */
export const writeUtf8 = (bytes: Buffer, text: string, offset: number): number =>
  (bytes as DirectBuffer).utf8Write(text, offset);

/** The same memory as a Buffer, without a copy. */
export const asBuffer = (bytes: Uint8Array): Buffer =>
  Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);

const { get: byteLength } = Object.getOwnPropertyDescriptor(
  Object.getPrototypeOf(Uint8Array.prototype),
  'byteLength',
) as { get: (this: Uint8Array) => number };

/** Whether `length` and `byteLength` are those of its memory: an object may have others of its own. */
export function isAsLongAsItSays(bytes: Uint8Array): boolean {
  const real = byteLength.call(bytes);
  return bytes.length === real && bytes.byteLength === real;
}

/** Whether exactly this text, of one byte per character, stands at `start`..`end`. */
export function isText(text: string, bytes: Uint8Array, start: number, end: number): boolean {
  if (text.length !== end - start) return false;
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) !== bytes[start + i]) return false;
  return true;
}
