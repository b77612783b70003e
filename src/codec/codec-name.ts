/**
 * What values that are neither text, bytes nor whole numbers are written as: `'msgpack'`, `'json'`, or `'v8'`, Node's own
 * structured clones; or that there are none: `'string'` stores only text, `'buffer'` only bytes, and each reads every
 * item as such. The others read by an item's flags, whoever of them wrote it.
 */
export type CodecName = 'msgpack' | 'json' | 'string' | 'buffer' | 'v8';

export const CODEC_NAMES: readonly CodecName[] = ['msgpack', 'json', 'string', 'buffer', 'v8'];
