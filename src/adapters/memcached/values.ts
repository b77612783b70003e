/*
 * How npm `memcached` stores values, flags: 0 text | 2 JSON | 4 Buffer | 8 number
 *
 * All of it goes through text: a Buffer becomes one character per byte, a backslash is put before every CR and LF, and
 * the text is stored as UTF-8. The option `format: 'memcached'` writes the same; what is different here is what that
 * package makes of everything else: an item with other flags is read as text, a Uint8Array is an object.
 */
const TEXT = 0;
const JSON_TEXT = 2;
const BINARY = 4;
const NUMERIC = 8;

const LINE_BREAK = /[\r\n]/g;
const ESCAPED_LINE_BREAK = /\\([\r\n])/g;

/** A value as it is stored. */
export interface StoredValue {
  readonly flags: number;
  readonly bytes: Buffer;
}

/** Throws TypeError for what has no JSON: undefined, functions, symbols, bigints, circular objects. */
export function encodeValue(value: unknown): StoredValue {
  const [flags, text] = textOf(value);
  return { flags, bytes: Buffer.from(text.replace(LINE_BREAK, '\\$&'), 'utf8') };
}

function textOf(value: unknown): [flags: number, text: string] {
  if (typeof value === 'string') return [TEXT, value];
  if (typeof value === 'number') return [NUMERIC, String(value)];
  if (Buffer.isBuffer(value)) return [BINARY, value.toString('latin1')];
  const json = JSON.stringify(value) as string | undefined;
  if (json === undefined) throw new TypeError(`${typeof value} has no JSON`);
  return [JSON_TEXT, json];
}

/** Throws SyntaxError for an item that says it is JSON and is not. */
export function decodeValue(bytes: Uint8Array, flags: number): unknown {
  const stored = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
  const text = stored.replace(ESCAPED_LINE_BREAK, '$1');
  switch (flags) {
    case JSON_TEXT:
      return JSON.parse(text);
    case BINARY:
      return Buffer.from(text, 'latin1');
    case NUMERIC:
      return Number(text);
    default:
      return text;
  }
}
