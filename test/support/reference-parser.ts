import type { Call } from './reply-recorder.ts';

/** What a stream of answers to gets comes to: `waiting` when it stops in the middle of one. */
export interface Reference {
  readonly calls: Call[];
  readonly end: 'complete' | 'waiting' | 'broken';
}

const HEADER = /^VALUE ([^\0-\x20]+) (\d+) (\d+)(?: (\d+))?\r\n/;
const ERROR_LINE = /^(ERROR|CLIENT_ERROR|SERVER_ERROR)(?:[: ]+([^]*))?\r\n/;
const MAX_LINE = 2049;

/** A slow second opinion about answers to gets: text of one character per byte, and regular expressions. */
export function parseSlowly(
  stream: string,
  awaited: readonly (readonly string[])[],
  maxValueBytes: number,
): Reference {
  const calls: Call[] = [];
  let rest = stream;
  for (const keys of awaited) {
    for (let open = keys; ;) {
      const lineEnd = rest.indexOf('\n') + 1;
      if (lineEnd === 0) return { calls, end: 'waiting' };
      if (lineEnd > MAX_LINE || rest[lineEnd - 2] !== '\r') return { calls, end: 'broken' };
      const line = rest.slice(0, lineEnd);
      const header = HEADER.exec(line);
      if (header === null) {
        rest = rest.slice(lineEnd);
        const error = ERROR_LINE.exec(line);
        if (error !== null) calls.push(['refused', error[1], error[2] ?? '']);
        else if (line === 'END\r\n') calls.push(['end'], ['answered']);
        if (error?.[1] !== 'SERVER_ERROR' && line !== 'END\r\n') return { calls, end: 'broken' };
        break;
      }
      const [, key, flags, length, cas = ''] = header;
      if (Number(flags) > 0xffff_ffff || Number(length) > maxValueBytes)
        return { calls, end: 'broken' };
      const bodyEnd = lineEnd + Number(length);
      if (rest.length < bodyEnd + 2) return { calls, end: 'waiting' };
      if (!open.includes(key) || rest.slice(bodyEnd, bodyEnd + 2) !== '\r\n')
        return { calls, end: 'broken' };
      calls.push(['item', key, rest.slice(lineEnd, bodyEnd), Number(flags), cas]);
      open = open.slice(open.indexOf(key) + 1);
      rest = rest.slice(bodyEnd + 2);
    }
  }
  return { calls, end: rest === '' ? 'complete' : 'broken' };
}
