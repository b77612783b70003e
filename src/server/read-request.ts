import { base64Text, isBase64, type WireKey } from '../protocol/key.ts';
import type { RequestWriter } from '../protocol/request-writer.ts';
import { isSince } from '../protocol/version.ts';
import type { ServerLimits } from './limits.ts';
import type { ReadForm } from './read-form.ts';
import { refuseAdministration, refuseBase64, refuseMeta, refuseRelease } from './refusals.ts';

/** Before a byte is sent: throws IllegalInputError (ERR_MEMCACHE_UNSUPPORTED) for what the server does not know. */
export function checkForm(form: ReadForm, limits: ServerLimits, server: string): void {
  const { verb, metaOnly, since } = form;
  if (metaOnly && !limits.speaksMeta)
    throw verb === 'mg' ? refuseMeta(verb, server) : refuseBase64(verb, server);
  // Proxies know neither `gat` nor `stats`, and close the connection over both.
  if (!metaOnly && !limits.administration) throw refuseAdministration(verb, server);
  if (since !== undefined && limits.version !== undefined && !isSince(limits.version, since))
    throw refuseRelease(verb, server, since);
}

/** `get <key>{ <key>}\r\n`, `gat <exptime> <key>{ <key>}\r\n`. A key that is '' stays out of it. */
// oxlint-disable-next-line max-params -- the hot path: an object would be garbage per volley
export function writeGet(
  writer: RequestWriter,
  form: ReadForm,
  keys: readonly WireKey[],
  count: number,
  bytes: number,
): void {
  const { name } = form;
  writer.reserve(name.length + bytes + 2);
  writer.text(name);
  for (let i = 0; i < count; i++) if (keys[i] !== '') writer.space().text(keys[i]);
  writer.crlf();
}

/**
 * `mg <key> k <flags>\r\n` for each key that is not ''; how many they were. For a key in base64 it is
 * `mg <key> b O<first + place> <flags>`: the server forgets that a key is base64 when it makes the item itself or anew
 * (N, incr, append), and repeats the raw bytes, which may end the line.
 */
// oxlint-disable-next-line max-params -- the hot path, as above
export function writeMetaGets(
  writer: RequestWriter,
  form: ReadForm,
  keys: readonly WireKey[],
  count: number,
  first: number,
): number {
  const { flags } = form;
  let written = 0;
  for (let i = 0; i < count; i++) {
    const key = keys[i];
    if (key === '') continue;
    const mark = markOf(form, key, first + i);
    writer.reserve(key.length + mark.length + flags.length + 6);
    writer.text('mg ').text(isBase64(key) ? base64Text(key) : key);
    writer.text(mark).text(flags).crlf();
    written++;
  }
  return written;
}

const MOST_SERIALS = 1_000_000_000;
let latestSerial = 0;

/** The first of so many numbers in a row that no answer still due carries. */
export function serials(count: number): number {
  if (latestSerial + count > MOST_SERIALS) latestSerial = 0;
  const first = latestSerial + 1;
  latestSerial += count;
  return first;
}

/** What tells the answer of a key in base64 from others. */
export const opaqueOf = (form: ReadForm, serial: number): string => form.opaque ?? String(serial);

function markOf(form: ReadForm, key: WireKey, serial: number): string {
  if (!isBase64(key)) return ' k ';
  return form.opaque === undefined ? ` b O${opaqueOf(form, serial)} ` : ' b ';
}
