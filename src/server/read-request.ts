import type { AskedKeys } from '../protocol/asked-keys.ts';
import { base64Text, isBase64, type WireKey } from '../protocol/key.ts';
import type { RequestWriter } from '../protocol/request-writer.ts';
import { isSince } from '../protocol/version.ts';
import type { ServerLimits } from './limits.ts';
import type { ReadMarks } from './marks.ts';
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

/** `get <key>{ <key>}\r\n`, `gat <exptime> <key>{ <key>}\r\n`.*/
export function writeGet(
  writer: RequestWriter,
  form: ReadForm,
  keys: AskedKeys,
  bytes: number,
): void {
  const { name } = form;
  writer.reserve(name.length + bytes + 2);
  writer.text(name);
  keys.writeTo(writer);
  writer.crlf();
}

/**
 * `mg <key> k[ O<mark>] <flags>\r\n` for each key that is not ''; how many they were. For a key in base64 it is
 * `mg <key> b O<mark> <flags>`: the server forgets that a key is base64 when it makes the item itself or anew
 * (N, incr, append), and repeats the raw bytes, which may end the line.
 */
// oxlint-disable-next-line max-params -- the hot path: an object would be garbage per volley
export function writeMetaGets(
  writer: RequestWriter,
  form: ReadForm,
  keys: readonly WireKey[],
  count: number,
  marks: ReadMarks,
): number {
  const { flags } = form;
  let written = 0;
  for (let i = 0; i < count; i++) {
    const key = keys[i];
    if (key === '') continue;
    // What the caller gave stands among the flags.
    const opaque = form.opaque === undefined ? marks.of(form, key, i) : '';
    writer.reserve(key.length + opaque.length + flags.length + 10);
    writer.text('mg ').text(isBase64(key) ? base64Text(key) : key);
    writer.text(isBase64(key) ? ' b ' : ' k ');
    if (opaque !== '') writer.text('O').text(opaque).space();
    writer.text(flags).crlf();
    written++;
  }
  return written;
}
