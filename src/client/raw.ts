import type { ServerSpec } from '../connection/address.ts';
import { IllegalInputError } from '../errors.ts';
import { kindOf } from '../primitives/kind.ts';
import { ANY_CALL, type CallOptions, type CallRules, checkCall } from './call-options.ts';
import type { Terminator } from './raw-answer.ts';

/** What `raw` may be given beside its command. */
export interface RawOptions extends Pick<CallOptions, 'signal' | 'timeoutMs'> {
  /** The server it is for, as in the option `servers`. Needed where the client has several. */
  readonly to?: ServerSpec | undefined;
  /**
   * What ends the answer: text, bytes, or a RegExp that is tried on the whole answer, one character per byte, each
   * time some of it has come. Default CRLF, which ends the first line.
   */
  readonly until?: string | Uint8Array | RegExp | undefined;
  /** Lets the command hold CR and LF, which end one command and begin another. Default false. */
  readonly unsafe?: boolean | undefined;
  /** Bytes of the longest answer, its terminator included. Default 16 MiB, from 1. */
  readonly maxBytes?: number | undefined;
}

const DEFAULT_MAX_BYTES = 16 * 1024 * 1024;

const RULES: CallRules = {
  ...ANY_CALL,
  to: { legal: () => true, what: 'a server' },
  until: {
    legal: (value) =>
      value instanceof RegExp ||
      ((typeof value === 'string' || value instanceof Uint8Array) && value.length > 0),
    what: 'text or bytes that are not empty, or a RegExp',
  },
  unsafe: { legal: (value) => typeof value === 'boolean', what: 'true or false' },
  maxBytes: {
    legal: (value) => Number.isSafeInteger(value) && (value as number) >= 1,
    what: 'a whole number of bytes from 1',
  },
};

/** A command as it is sent, and when its answer is whole. */
export interface RawRequest {
  readonly bytes: Buffer;
  /** What errors call it. */
  readonly verb: string;
  readonly until: Terminator;
  readonly maxBytes: number;
}

/** Throws IllegalInputError (ERR_MEMCACHE_VALUE, ERR_MEMCACHE_OPTION) for what must not be sent. */
export function rawRequest(command: unknown, options: RawOptions): RawRequest {
  checkCall(options, 'raw', RULES);
  const { until = '\r\n', unsafe = false, maxBytes = DEFAULT_MAX_BYTES } = options;
  const bytes = bytesOf(command);
  if (bytes.length === 0) throw refusal('must not be empty');
  if (!unsafe && (bytes.includes('\n') || bytes.includes('\r')))
    throw refusal('must not hold CR or LF, unless it is sent with unsafe: true');
  const verb = /^[a-z_]{1,32}(?![^ \r\n])/.exec(bytes.toString('latin1', 0, 33))?.[0] ?? 'raw';
  return {
    bytes: Buffer.concat([bytes, Buffer.from('\r\n')]),
    verb,
    until: terminatorOf(until),
    maxBytes,
  };
}

function bytesOf(command: unknown): Buffer {
  if (command instanceof Uint8Array) return Buffer.from(command);
  if (typeof command !== 'string')
    throw refusal(`must be a string or a Uint8Array, not ${kindOf(command)}`);
  if (!command.isWellFormed()) throw refusal('is not well-formed text');
  return Buffer.from(command, 'utf8');
}

/** A copy: what the caller's own is, or remembers, is not to matter. */
function terminatorOf(until: string | Uint8Array | RegExp): Terminator {
  if (until instanceof RegExp) return new RegExp(until.source, until.flags.replace(/[gy]/g, ''));
  return Buffer.from(until as string);
}

const refusal = (problem: string): IllegalInputError =>
  new IllegalInputError('ERR_MEMCACHE_VALUE', `the command of raw ${problem}`);
