import { isUtf8 } from 'node:buffer';

/** One thing a server counts or is set to. */
export type StatValue = string | number | bigint | boolean;

/*
 * What a value means is told by its name, the last part of `items:1:number`. The lists are those of pymemcache
 * (STAT_TYPES), and what memcached 1.6.18 answers to stats, stats settings, conns and sizes.
 */

/** Texts, which may look like something else: a release, an address, a key prefix of digits. */
const TEXTS: ReadonlySet<string> = new Set([
  'version',
  'libevent',
  'inter',
  'domain_socket',
  'stat_key_prefix',
  'binding_protocol',
  'hash_algorithm',
  'memory_file',
  'ssl_chain_cert',
  'ssl_key',
  'ssl_ciphers',
  'ssl_ca_cert',
  'ssl_min_version',
  'addr',
  'listen_addr',
  'state',
]);

/**
 * 0 for no and 1 for yes; some of them are said as `no` and `yes` by later releases. Anything else stays a number:
 * slab_automove may be 2.
 */
const FLAGS: ReadonlySet<string> = new Set([
  'accepting_conns',
  'cas_enabled',
  'detail_enabled',
  'hash_is_expanding',
  'lru_crawler_running',
  'maxconns_fast',
  'slab_automove',
  'slab_reassign',
  'slab_reassign_running',
]);

/** Seconds and millionths, which old releases part with a colon. */
const RUSAGE: ReadonlySet<string> = new Set(['rusage_user', 'rusage_system']);

const OCTAL = 'umask';

/** What a server's answer to `stats[ <group>]`, one character per byte, says. */
export function statValues(
  answer: ReadonlyMap<string, string>,
  group: string,
): Map<string, StatValue> {
  const aboutKeys = group.startsWith('cachedump') || group.startsWith('detail');
  const values = new Map<string, StatValue>();
  for (const [name, text] of answer)
    values.set(textOf(name), aboutKeys ? textOf(text) : statValue(name, text));
  return values;
}

function statValue(name: string, text: string): StatValue {
  const what = name.slice(name.lastIndexOf(':') + 1);
  if (TEXTS.has(what)) return textOf(text);
  if (text === 'yes' || text === 'no') return text === 'yes';
  if (FLAGS.has(what) && (text === '0' || text === '1')) return text === '1';
  if (what === OCTAL && /^[0-7]+$/.test(text)) return Number.parseInt(text, 8);
  const number = RUSAGE.has(what) ? text.replace(':', '.') : text;
  if (/^-?\d+\.\d+$/.test(number)) return Number(number);
  return /^-?\d+$/.test(number) ? wholeNumber(number) : textOf(text);
}

function wholeNumber(digits: string): number | bigint {
  const number = Number(digits);
  return Number.isSafeInteger(number) ? number : BigInt(digits);
}

/** As UTF-8 where it is that, else one character per byte. */
function textOf(bytes: string): string {
  if (/^[\0-\x7f]*$/.test(bytes)) return bytes;
  const buffer = Buffer.from(bytes, 'latin1');
  return isUtf8(buffer) ? buffer.toString('utf8') : bytes;
}
