import type { Call } from './reply-recorder.ts';

/** A command for items or for several meta answers: its keys in their order. */
export interface Asked {
  readonly grammar: 'items' | 'meta';
  readonly keys: readonly string[];
}

/** What a stream of answers to reads comes to: `waiting` when it stops in the middle of one. */
export interface Reference {
  readonly calls: Call[];
  readonly end: 'complete' | 'waiting' | 'broken';
}

const HEADER = /^VALUE (?<key>[^\0-\x20]+) (?<flags>\d+) (?<length>\d+)(?: (?<cas>\d+))?\r\n/;
const META_HEADER =
  /^VA (?<length>\d+)(?<told>(?: (?:[fcslh]\d+|t-?\d+|[^\0-\x20fcslht][^\0-\x20]*)?)*)\r\n/;
const ERROR_LINE = /^(ERROR|CLIENT_ERROR|SERVER_ERROR)(?:[: ]+([^]*))?\r\n/;
const NUMERIC = 'cannot increment or decrement non-numeric value';
const MAX_LINE = 2049;

type End = Reference['end'];

interface Reading {
  readonly meta: boolean;
  readonly calls: Call[];
  rest: string;
  /** Keys whose answer may still come; undefined behind the last one. */
  open: readonly string[] | undefined;
}

/** A slow second opinion about answers to reads: text of one character per byte, and regular expressions. */
export function parseSlowly(stream: string, awaited: readonly Asked[], most: number): Reference {
  const calls: Call[] = [];
  let rest = stream;
  for (const { grammar, keys } of awaited) {
    const reading: Reading = { meta: grammar === 'meta', calls, rest, open: keys };
    while (reading.open !== undefined) {
      const end = takeLine(reading, most);
      if (end !== undefined) return { calls, end };
      if (!reading.meta || reading.open?.length !== 0) continue;
      calls.push(['answered']);
      reading.open = undefined;
    }
    rest = reading.rest;
  }
  return { calls, end: rest === '' ? 'complete' : 'broken' };
}

function takeLine(reading: Reading, most: number): End | undefined {
  const line = reading.rest.slice(0, reading.rest.indexOf('\n') + 1);
  if (line === '') return 'waiting';
  if (line.length > MAX_LINE || !line.endsWith('\r\n')) return 'broken';
  reading.rest = reading.rest.slice(line.length);
  const item = (reading.meta ? META_HEADER : HEADER).exec(line)?.groups;
  return item === undefined ? takeStatus(reading, line) : takeItem(reading, item, most);
}

function takeStatus(reading: Reading, line: string): End | undefined {
  const { meta, calls, open = [] } = reading;
  const [, status, text = ''] = ERROR_LINE.exec(line) ?? [];
  const survives = status === 'SERVER_ERROR' || text === NUMERIC;
  const answers = meta ? /^(?:HD|EN)(?: |\r\n)/.test(line) : line === 'END\r\n';
  if (status !== undefined) {
    calls.push([meta && survives ? 'refused part' : 'refused', status, text]);
  } else if (!meta && answers) calls.push(['end'], ['answered']);
  else if (meta && !line.startsWith('VA')) calls.push(['line', line.slice(0, -2)]);
  reading.open = meta ? open.slice(1) : undefined;
  return survives || answers ? undefined : 'broken';
}

function takeItem(reading: Reading, item: Record<string, string>, most: number): End | undefined {
  const { meta, rest, open = [] } = reading;
  const { key: said = '', flags = 0, cas = '' } = { ...item, ...lastOf(item['told']) };
  // Of a meta answer, '' awaits any key.
  const key = meta && open[0] === '' ? '' : said;
  const length = Number(item['length']);
  if (Number(flags) > 0xffff_ffff || length > most) return 'broken';
  if (rest.length < length + 2) return 'waiting';
  const due = open.slice(0, meta ? 1 : undefined).indexOf(key);
  if (due < 0 || !rest.startsWith('\r\n', length)) return 'broken';
  const value = rest.slice(0, length);
  reading.calls.push(['item', key, value, Number(flags), cas, factsOf(item['told'])]);
  reading.rest = rest.slice(length + 2);
  reading.open = open.slice(due + 1);
  return undefined;
}

/** Key, flags and token of a meta answer: the last flag of a letter stands. */
function lastOf(told = ''): { key?: string; flags?: string; cas?: string } {
  const names = { k: 'key', f: 'flags', c: 'cas' } as Record<string, string>;
  const flags = told.split(' ').filter((flag) => names[flag[0]] !== undefined);
  return Object.fromEntries(flags.map((flag) => [names[flag[0]], flag.slice(1)]));
}

/** What else it says, in the order in which a recorder keeps it. */
function factsOf(told = ''): string {
  const said = Array.from('stlhWXZO', (letter) =>
    told.split(' ').findLast((flag) => flag[0] === letter),
  );
  return said
    .filter((flag) => flag !== undefined && flag !== 'O')
    .map((flag = '') => (/^[stlh]/.test(flag) ? flag[0] + Number(flag.slice(1)) : flag))
    .map((flag) => (/^[WXZ]/.test(flag) ? flag[0] : flag))
    .join(' ');
}
