import { BYTES } from './flags.ts';
import { json, parseJson } from './json-text.ts';
import {
  type ForeignFormat,
  isWhole,
  type Read,
  readBytes,
  readInteger,
  readText,
  wellFormed,
} from './value-format.ts';

/*
 * OpenStack Swift's memcached client, flags: 0 bytes and counters, 1 pickle (refused there too), 2 JSON as Python's
 * json.dumps spells it: ", " and ": " between, and everything but printable ASCII as \uXXXX in lower-case hex.
 */
const JSON_TEXT = 2;

const WHOLE = /^-?\d+ *$/;
/** Python writes these and JSON has no words for them. */
const BEYOND_JSON: Readonly<Record<string, number>> = {
  NaN: Number.NaN,
  Infinity: Number.POSITIVE_INFINITY,
  '-Infinity': Number.NEGATIVE_INFINITY,
};

const readPythonJson: Read = (bytes, start, end) => {
  const text = readText(bytes, start, end, false) as string;
  if (WHOLE.test(text)) return readInteger(bytes, start, end, false);
  return Object.hasOwn(BEYOND_JSON, text) ? BEYOND_JSON[text] : parseJson(text);
};

const UNPRINTABLE = /[^ -~]/g;

const escaped = (character: string): string =>
  `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;

/** JSON text in Python's spelling: the separators stand outside of strings, and a string ends at a bare quote. */
function respelled(text: string): string {
  const parts: string[] = [];
  let copied = 0;
  let inString = false;
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (character === '"') inString = !inString;
    else if (inString) at += character === '\\' ? 1 : 0;
    else if (character === ',' || character === ':') {
      parts.push(text.slice(copied, at + 1), ' ');
      copied = at + 1;
    }
  }
  parts.push(text.slice(copied));
  return parts.join('').replace(UNPRINTABLE, escaped);
}

/** Everything but bytes is JSON, whatever the option `codec` is. */
export function swiftFormat(): ForeignFormat {
  return {
    mask: -1,
    readers: { [BYTES]: readBytes, [JSON_TEXT]: readPythonJson },
    write(value) {
      if (value instanceof Uint8Array) return { flags: BYTES, data: value };
      if (isWhole(value) || (typeof value === 'number' && !Number.isFinite(value))) {
        return { flags: JSON_TEXT, data: String(value) };
      }
      if (typeof value === 'string') wellFormed(value);
      return { flags: JSON_TEXT, data: respelled(json(value)) };
    },
  };
}
