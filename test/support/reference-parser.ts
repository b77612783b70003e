import type { Call } from './reply-recorder.ts';

type End = 'complete' | 'waiting' | 'broken';

/** What a stream of answers to gets comes to: `waiting` when it stops in the middle of one. */
export interface Reference {
  readonly calls: Call[];
  readonly end: End;
}

const HEADER = /^VALUE ([^\0-\x20]+) (\d+) (\d+)(?: (\d+))?\r\n/;
const ERROR_LINE = /^(ERROR|CLIENT_ERROR|SERVER_ERROR)(?:[: ]+([^]*))?\r\n/;
const MAX_LINE = 2049;

/** A slow second opinion about answers to gets: text of one character per byte, and regular expressions. */
class SlowParser {
  readonly calls: Call[] = [];
  readonly #maxValueBytes: number;
  #rest: string;

  constructor(stream: string, maxValueBytes: number) {
    this.#rest = stream;
    this.#maxValueBytes = maxValueBytes;
  }

  /** One answer after the other, up to the first that is not complete. */
  all(awaited: readonly (readonly string[])[]): End {
    for (const keys of awaited) {
      const end = this.#answer(keys);
      if (end !== 'complete') return end;
    }
    return this.#rest === '' ? 'complete' : 'broken';
  }

  #answer(keys: readonly string[]): End {
    for (let open = keys; ;) {
      const lineEnd = this.#rest.indexOf('\n') + 1;
      if (lineEnd === 0) return 'waiting';
      const line = this.#rest.slice(0, lineEnd);
      if (lineEnd > MAX_LINE || !line.endsWith('\r\n')) return 'broken';
      const header = HEADER.exec(line);
      if (header === null) return this.#lastLine(line);
      const end = this.#item(header, open);
      if (end !== 'complete') return end;
      open = open.slice(open.indexOf(header[1]) + 1);
    }
  }

  #item(header: RegExpExecArray, open: readonly string[]): End {
    const [{ length: start }, key, flags, length, cas = ''] = header;
    if (Number(flags) > 0xffff_ffff || Number(length) > this.#maxValueBytes) return 'broken';
    const end = start + Number(length);
    if (this.#rest.length < end + 2) return 'waiting';
    if (!open.includes(key) || this.#rest.slice(end, end + 2) !== '\r\n') return 'broken';
    this.calls.push(['item', key, this.#rest.slice(start, end), Number(flags), cas]);
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
    return status === 'SERVER_ERROR' ? 'complete' : 'broken';
  }
}

export function parseSlowly(
  stream: string,
  awaited: readonly (readonly string[])[],
  maxValueBytes: number,
): Reference {
  const parser = new SlowParser(stream, maxValueBytes);
  const end = parser.all(awaited);
  return { calls: parser.calls, end };
}
