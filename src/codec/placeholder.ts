/*
 * Items that hold no value. Nothing this client encodes in format `memvolley` looks like one of them: empty bytes are
 * stored with flags of their own, and bit 12 is never set beside another.
 */

/**
 * Flags of an item without bytes that memcached made itself, because a read asked for one to be there (autovivify): it
 * holds the place of a value that somebody has gone to fetch.
 */
export const PLACEHOLDER_FLAGS = 0;

/** Flags of an item without bytes that says "there is no such thing": the mark of negative caching. */
export const NOTHING = 0x1000;
