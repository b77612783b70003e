/** Where a text ceases to be JSON, and what should stand there. Lines and columns count from 1. */
export interface Flaw {
  readonly line: number;
  readonly column: number;
  readonly expected: string;
}

const BLANK = /[ \t\r\n]*/y;
/** Between the quotes: what is no control character, no quote and no backslash; or an escape. */
const STRING = /"(?:[^"\\\p{Cc}]|[\u007f-\u009f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/uy;
const WORD = /true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;

/**
 * The first flaw of a text that JSON.parse refuses; undefined if there is none. What JSON.parse itself says is another
 * sentence in every Node.js, often without a place, and may quote the text, which may hold a password.
 */
export function flawOf(text: string): Flaw | undefined {
  const reader = new Reader(text);
  const expected = reader.whole();
  if (expected === undefined) return undefined;
  const before = text.slice(0, reader.at).split('\n');
  return { line: before.length, column: (before.at(-1) ?? '').length + 1, expected };
}

/** Each method answers what is missing at `at`, or undefined when it has passed what it is named after. */
class Reader {
  at = 0;
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  whole(): string | undefined {
    return this.#value() ?? (this.at < this.#text.length ? 'the end of the file' : undefined);
  }

  #value(): string | undefined {
    this.#pass(BLANK);
    const missing = this.#bare();
    if (missing === undefined) this.#pass(BLANK);
    return missing;
  }

  #bare(): string | undefined {
    switch (this.#text[this.at]) {
      case '{':
        return this.#listOf('}', () => this.#member());
      case '[':
        return this.#listOf(']', () => this.#value());
      case '"':
        return this.#pass(STRING) ? undefined : 'a string with its end on the same line';
      default:
        return this.#pass(WORD) ? undefined : 'a value';
    }
  }

  #member(): string | undefined {
    this.#pass(BLANK);
    if (!this.#pass(STRING)) return 'a name in double quotes';
    this.#pass(BLANK);
    return this.#take(':') ? this.#value() : "':'";
  }

  #listOf(end: string, element: () => string | undefined): string | undefined {
    this.at++;
    this.#pass(BLANK);
    if (this.#take(end)) return undefined;
    for (;;) {
      const missing = element();
      if (missing !== undefined) return missing;
      this.#pass(BLANK);
      if (this.#take(end)) return undefined;
      if (!this.#take(',')) return `',' or '${end}'`;
    }
  }

  #take(character: string): boolean {
    if (this.#text[this.at] !== character) return false;
    this.at++;
    return true;
  }

  #pass(pattern: RegExp): boolean {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.#text);
    if (found === null) return false;
    this.at += found[0].length;
    return true;
  }
}
