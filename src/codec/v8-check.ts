/*
 * v8.deserialize reads what it is given on trust: twelve bytes that say "a sparse array of thirty million elements" take
 * 240 MB, forty of those in one item end the process, and so do arrays in arrays that each announce as many elements as
 * the item has bytes (Node.js 20, 22 and 24). A checksum keeps out damage, not malice, so the bytes are gone through first.
 *
 *   0xff version value         (version 15; there may be zero bytes before a tag)
 *
 * A value is a tag and its parts. Containers are an opening tag, values, and a closing tag with their counts.
 */
const HEADER = [0xff, 15] as const;

type Part = 'varint' | 'double' | 'sized' | 'bigint' | 'text' | 'elements' | 'holes' | 'resizable';

interface Tag {
  readonly parts: readonly Part[];
  /** How it changes the depth. */
  readonly step: -1 | 0 | 1;
}

const leaf = (...parts: readonly Part[]): Tag => ({ parts, step: 0 });
const opening = (...parts: readonly Part[]): Tag => ({ parts, step: 1 });
const closing = (...parts: readonly Part[]): Tag => ({ parts, step: -1 });

const TAGS: Readonly<Record<string, Tag>> = {
  _: leaf(), // undefined
  0: leaf(), // null
  T: leaf(),
  F: leaf(),
  '-': leaf(), // a hole
  y: leaf(), // new Boolean(true)
  x: leaf(),
  I: leaf('varint'), // int32
  U: leaf('varint'), // uint32
  N: leaf('double'),
  D: leaf('double'), // Date
  n: leaf('double'), // new Number()
  Z: leaf('bigint'),
  z: leaf('bigint'), // Object(bigint)
  '"': leaf('sized'), // latin1
  c: leaf('sized'), // two bytes per character
  S: leaf('sized'), // UTF-8
  s: leaf('text'), // new String()
  R: leaf('text', 'varint'), // RegExp and flags
  '^': leaf('varint'), // what was met before
  B: leaf('sized'), // ArrayBuffer
  '~': leaf('resizable'),
  '\\': leaf('varint', 'sized'), // Node's: the type of a view, and its bytes
  o: opening(),
  A: opening('elements'),
  a: opening('holes'),
  ';': opening(), // Map
  "'": opening(), // Set
  '{': closing('varint'),
  $: closing('varint', 'varint'),
  '@': closing('varint', 'varint'),
  ':': closing('varint'),
  ',': closing('varint'),
};

const code = (character: string): number => character.charCodeAt(0);
const codes = (characters: string): ReadonlySet<number> => new Set(Array.from(characters, code));

const TAG_BY_CODE: readonly (Tag | undefined)[] = Array.from(
  { length: 256 },
  (_, byte) => TAGS[String.fromCharCode(byte)],
);
const PADDING = 0;
const TEXTS = codes('"cS');
/** An Error: its class, 'm' message, 'c' cause, 's' stack, each if there is one, and '.' */
const ERROR = code('r');
const ERROR_CLASSES = codes('EFRSTU');
const ERROR_TEXTS = codes('ms');
const ERROR_CAUSE = code('c');
const ERROR_END = code('.');

const DOUBLE_BYTES = 8;
const BYTES_PER_HOLE = 8;
const MOST_VARINT = 0xffff_ffff;
const BIGINT_LENGTH = 0x3fff_ffff;

/**
 * Whether V8 may be given these bytes: they are one whole value, and no more than `maxBytes` are to be taken for what is
 * announced and not there.
 */
export function isSound(view: Uint8Array, maxBytes: number): boolean {
  if (view[0] !== HEADER[0] || view[1] !== HEADER[1]) return false;
  try {
    return new Walk(view, maxBytes).isOneValue();
  } catch (error) {
    if (error instanceof Unsound) return false;
    throw error;
  }
}

class Unsound extends Error {}

class Walk {
  readonly #view: Uint8Array;
  #at: number = HEADER.length;
  #depth = 0;
  /** A value has to follow, whatever the depth. */
  #awaits = true;
  /** The depths in which the errors stand whose cause is being read. */
  readonly #errors: number[] = [];
  /** An element takes a byte at least. */
  #elementsLeft: number;
  #bytesLeft: number;

  constructor(view: Uint8Array, maxBytes: number) {
    this.#view = view;
    this.#elementsLeft = view.length;
    this.#bytesLeft = maxBytes;
  }

  isOneValue(): boolean {
    do this.#readToken();
    while (!this.#isComplete());
    return this.#at === this.#view.length;
  }

  /** Whether the outermost value has ended. An error goes on where its cause has. */
  #isComplete(): boolean {
    while (this.#depth === 0 && !this.#awaits) {
      const depth = this.#errors.pop();
      if (depth === undefined) return true;
      this.#depth = depth;
      this.#readError();
    }
    return false;
  }

  #readToken(): void {
    const byte = this.#tag();
    this.#awaits = false;
    if (byte === ERROR) {
      this.#readError();
      return;
    }
    const tag = TAG_BY_CODE[byte];
    if (tag === undefined) throw new Unsound();
    for (const part of tag.parts) this.#readPart(part);
    this.#depth += tag.step;
    if (this.#depth < 0) throw new Unsound();
  }

  #readPart(part: Part): void {
    switch (part) {
      case 'varint':
        this.#varint();
        break;
      case 'double':
        this.#skip(DOUBLE_BYTES);
        break;
      case 'sized':
        this.#skip(this.#varint());
        break;
      case 'bigint':
        this.#skip((this.#varint() >>> 1) & BIGINT_LENGTH);
        break;
      case 'text':
        this.#readText();
        break;
      case 'elements':
        this.#elementsLeft -= this.#varint();
        break;
      case 'holes':
        this.#bytesLeft -= this.#varint() * BYTES_PER_HOLE;
        break;
      case 'resizable': {
        const bytes = this.#varint();
        this.#bytesLeft -= this.#varint();
        this.#skip(bytes);
      }
    }
    if (this.#elementsLeft < 0 || this.#bytesLeft < 0) throw new Unsound();
  }

  #readText(): void {
    if (!TEXTS.has(this.#tag())) throw new Unsound();
    this.#skip(this.#varint());
  }

  #readError(): void {
    for (;;) {
      const byte = this.#tag();
      if (byte === ERROR_END) return;
      if (byte === ERROR_CAUSE) {
        this.#errors.push(this.#depth);
        this.#depth = 0;
        this.#awaits = true;
        return;
      }
      if (ERROR_TEXTS.has(byte)) this.#readText();
      else if (!ERROR_CLASSES.has(byte)) throw new Unsound();
    }
  }

  #tag(): number {
    let byte = this.#byte();
    while (byte === PADDING) byte = this.#byte();
    return byte;
  }

  #byte(): number {
    if (this.#at === this.#view.length) throw new Unsound();
    return this.#view[this.#at++];
  }

  #varint(): number {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = this.#byte();
      value += (byte & 127) * scale;
      if (value > MOST_VARINT || scale > MOST_VARINT) throw new Unsound();
      if (byte < 128) return value;
    }
  }

  #skip(bytes: number): void {
    this.#at += bytes;
    if (this.#at > this.#view.length) throw new Unsound();
  }
}
