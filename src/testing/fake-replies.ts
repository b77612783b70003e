import type { FakeItem } from './fake-items.ts';

/** What goes back for one request; a string has one character a byte, undefined is silence. */
export type FakeReply = string | Buffer | undefined;

export const BAD_FORMAT = 'CLIENT_ERROR bad command line format\r\n';
export const BAD_DATA = 'CLIENT_ERROR bad data chunk\r\n';
export const TOO_LARGE = 'SERVER_ERROR object too large for cache\r\n';
export const NO_MEMORY = 'SERVER_ERROR out of memory storing object\r\n';
export const UNKNOWN = 'ERROR\r\n';
export const NOT_A_NUMBER = 'CLIENT_ERROR cannot increment or decrement non-numeric value\r\n';

const CRLF = Buffer.from('\r\n');

/** A header line, data, and the end of them. */
export function withData(header: string, data: Buffer): Buffer {
  return Buffer.concat([Buffer.from(header, 'latin1'), CRLF, data, CRLF]);
}

export function valueOf(item: FakeItem, withCas: boolean): Buffer {
  const cas = withCas ? ` ${item.cas}` : '';
  return withData(`VALUE ${item.key} ${item.flags} ${item.data.length}${cas}`, item.data);
}

export function base64Of(key: string): string {
  return Buffer.from(key, 'latin1').toString('base64');
}
