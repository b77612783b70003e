import { createHash } from 'node:crypto';

/*
 * Other libraries take any text for a key; memcached takes up to 250 bytes without blanks and control characters. So
 *
 *   a%b c        becomes   a%25b%20c                           each of 0x00-0x20, 0x7f and `%` is escaped
 *   longer ones  become    <beginning>%:<SHA-256 in base64url>
 *
 * As every `%` of the text is escaped, `%:` stands in no other key: two texts never share one. A key without these
 * characters, which most are, is stored as it is.
 */
const ILLEGAL = /[\0-\x20\x7f%]/g;
/** `~` ends the name of a namespace. */
const ILLEGAL_IN_NAME = /[\0-\x20\x7f%~]/g;

/** Begins the digest. */
const MARK = '%:';
const DIGEST_BYTES = 43;

/** Leaves 100 bytes for the client's `keyPrefix`, and for the name and the version of a namespace. */
export const MOST_KEY_BYTES = 150;
const MOST_NAME_BYTES = 64;

/** The key under which a text is stored. What is no well-formed text stays as it is, for the client to refuse. */
export function legalKey(text: string): string {
  return legal(text, ILLEGAL, MOST_KEY_BYTES);
}

/** The name of a namespace for a text. */
export function legalName(text: string): string {
  return legal(text, ILLEGAL_IN_NAME, MOST_NAME_BYTES);
}

/** The text that is stored under a key; undefined where a digest stands for it. */
export function textOfKey(key: string): string | undefined {
  if (key.includes(MARK)) return undefined;
  return key.replaceAll(/%([\dA-F]{2})/g, (_, code: string) =>
    String.fromCharCode(Number.parseInt(code, 16)),
  );
}

function legal(text: string, illegal: RegExp, most: number): string {
  if (typeof text !== 'string' || !text.isWellFormed()) return text;
  const escaped = text.replaceAll(illegal, escape);
  // UTF-8 takes at most three bytes per code unit.
  if (escaped.length * 3 <= most || Buffer.byteLength(escaped) <= most) return escaped;
  const digest = createHash('sha256').update(text).digest('base64url');
  return beginning(escaped, most - MARK.length - DIGEST_BYTES) + MARK + digest;
}

const escape = (character: string): string =>
  `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`;

/** No character is cut. */
function beginning(text: string, bytes: number): string {
  const whole = Buffer.from(text);
  let end = bytes;
  while ((whole[end] & 0xc0) === 0x80) end--;
  return whole.toString('utf8', 0, end);
}
