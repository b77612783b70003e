import type { Call } from './reply-recorder.ts';

type End = 'complete' | 'waiting' | 'broken';

/** A command for items or for several meta answers: its keys in their order. */
export interface Asked {
  readonly grammar: 'items' | 'meta';
  readonly keys: readonly string[];
}

/** What a stream of answers to reads comes to: `waiting` when it stops in the middle of one. */
export interface Reference {
  readonly calls: Call[];
  readonly end: End;
}

const HEADER = /^VALUE ([^\0-\x20]+) (\d+) (\d+)(?: (\d+))?\r\n/;
const META_HEADER = /^VA (\d+)((?: [^\0-\x20]*)*)\r\n/;
const META_LINE = /^(?:HD|EN)(?: |\r\n)/;
const ERROR_LINE = /^(ERROR|CLIENT_ERROR|SERVER_ERROR)(?:[: ]+([^]*))?\r\n/;
const NUMERIC = 'cannot increment or decrement non-numeric value';
const MAX_LINE = 2049;

/** What a header says of the item behind it. */
interface Header {
  readonly bytes: number;
  readonly key: string;
  readonly flags: number;
  readonly length: number;
  readonly cas: string;
  readonly facts: string;
}

/** A slow second opinion about answers to reads: text of one character per byte, and regular expressions. */
class SlowParser {
  readonly calls: Call[] = [];
  readonly #maxValueBytes: number;
  #rest: string;

  constructor(stream: string, maxValueBytes: number) {
    this.#rest = stream;
    this.#maxValueBytes = maxValueBytes;
  }

  /** One answer after the other, up to the first that is not complete. */
  all(awaited: readonly Asked[]): End {
    for (const { grammar, keys } of awaited) {
      const end = grammar === 'meta' ? this.#metaAnswers(keys) : this.#answer(keys);
      if (end !== 'complete') return end;
    }
    return this.#rest === '' ? 'complete' : 'broken';
  }

  #answer(keys: readonly string[]): End {
    for (let open = keys; ;) {
      const line = this.#line();
      if (typeof line !== 'object') return line;
      const header = classicHeader(line.text);
      if (header === undefined) return this.#lastLine(line.text);
      const end = this.#item(header, open);
      if (end !== 'complete') return end;
      open = open.slice(open.indexOf(header.key) + 1);
    }
  }

  #metaAnswers(keys: readonly string[]): End {
    for (const key of keys) {
      const line = this.#line();
      if (typeof line !== 'object') return line;
      const header = metaHeader(line.text);
      const end = header === undefined ? this.#metaLine(line.text) : this.#item(header, [key]);
      if (end !== 'complete') return end;
    }
    this.calls.push(['answered']);
    return 'complete';
  }

  #line(): End | { readonly text: string } {
    const end = this.#rest.indexOf('\n') + 1;
    if (end === 0) return 'waiting';
    const text = this.#rest.slice(0, end);
    return end > MAX_LINE || !text.endsWith('\r\n') ? 'broken' : { text };
  }

  #item({ bytes: start, key, flags, length, cas, facts }: Header, open: readonly string[]): End {
    if (flags > 0xffff_ffff || length > this.#maxValueBytes) return 'broken';
    const end = start + length;
    if (this.#rest.length < end + 2) return 'waiting';
    if (!open.includes(key) || this.#rest.slice(end, end + 2) !== '\r\n') return 'broken';
    this.calls.push(['item', key, this.#rest.slice(start, end), flags, cas, facts]);
    this.#rest = this.#rest.slice(end + 2);
    return 'complete';
  }

  #lastLine(line: string): End {
    this.#rest = this.#rest.slice(line.length);
    if (line === 'END\r\n') {
      this.calls.push(['end'], ['answered']);
      return 'complete';
    }
    const error = ERROR_LINE.exec(line);
    if (error === null) return 'broken';
    const [, status, text = ''] = error;
    this.calls.push(['refused', status, text]);
    return survives(status, text) ? 'complete' : 'broken';
  }

  #metaLine(line: string): End {
    this.#rest = this.#rest.slice(line.length);
    const error = ERROR_LINE.exec(line);
    if (error !== null) {
      const [, status, text = ''] = error;
      const part = survives(status, text);
      this.calls.push([part ? 'refused part' : 'refused', status, text]);
      return part ? 'complete' : 'broken';
    }
    // What is foreign is shown, too, before it is found to be so; only a header is not.
    if (!line.startsWith('VA')) this.calls.push(['line', line.slice(0, -2)]);
    return META_LINE.test(line) ? 'complete' : 'broken';
  }
}

const survives = (status: string, text: string): boolean =>
  status === 'SERVER_ERROR' || text === NUMERIC;

function classicHeader(line: string): Header | undefined {
  const header = HEADER.exec(line);
  if (header === null) return undefined;
  const [{ length: bytes }, key, flags, length, cas = ''] = header;
  return { bytes, key, flags: Number(flags), length: Number(length), cas, facts: '' };
}

/** The last flag of a letter stands; `told` in the order of what a recorder keeps. */
function metaHeader(line: string): Header | undefined {
  const header = META_HEADER.exec(line);
  if (header === null) return undefined;
  const [{ length: bytes }, length, rest] = header;
  const flags = new Map(rest.split(' ').map((flag) => [flag.slice(0, 1), flag.slice(1)]));
  const numbers = rest.split(' ').filter((flag) => /^[fcslth]/.test(flag));
  if (!numbers.every((flag) => /^(?:[fcslth]|t-)\d+$/.test(flag))) return undefined;
  const told = ['s', 't', 'l', 'h', 'W', 'X', 'Z', 'O'].flatMap((letter) => {
    const token = flags.get(letter);
    if (token === undefined || (letter === 'O' && token === '')) return [];
    if (letter === 'O') return [letter + token];
    return ['W', 'X', 'Z'].includes(letter) ? [letter] : [letter + String(Number(token))];
  });
  return {
    bytes,
    key: flags.get('k') ?? '',
    flags: Number(flags.get('f') ?? 0),
    length: Number(length),
    cas: flags.get('c') ?? '',
    facts: told.join(' '),
  };
}

export function parseSlowly(
  stream: string,
  awaited: readonly Asked[],
  maxValueBytes: number,
): Reference {
  const parser = new SlowParser(stream, maxValueBytes);
  const end = parser.all(awaited);
  return { calls: parser.calls, end };
}
