import { isAsLongAsItSays } from '../primitives/bytes.ts';
import type { RequestWriter } from '../protocol/request-writer.ts';
import { AnswerCommand, type Asked } from './answer-command.ts';
import { longestValue, type ServerPort } from './limits.ts';
import { changedSinceCall, tooLarge } from './refusals.ts';

/** A value on its way to a server. */
export interface ValueRequest {
  readonly key: string;
  readonly flags: number;
  /** Text goes out as UTF-8; bytes are the command's until it is answered. */
  readonly data: string | Uint8Array;
  readonly release: (() => void) | undefined;
}

/**
 * A command that carries a value. One the server would refuse for its length is never sent: refusing it, the server
 * deletes the old item, whatever the command said about it.
 */
export abstract class ValueCommand<T> extends AnswerCommand<T> {
  readonly length: number;
  override readonly release: (() => void) | undefined;
  readonly #value: ValueRequest;

  constructor(value: ValueRequest, asked: Asked<T>) {
    super(value.key, asked);
    this.length = dataLength(value.data);
    this.release = value.release;
    this.#value = value;
  }

  override get bytes(): number {
    return this.key.length + this.length;
  }

  protected override encode(writer: RequestWriter): void {
    checkValue(this.verb, this.#value, this.length, this.port);
    this.header(writer);
    writer.data(this.#value.data, this.length);
  }

  /** The line before the value. */
  protected abstract header(writer: RequestWriter): void;
}

/** Before a byte is sent: throws for data that the server would refuse, or that is not what it was at the call. */
export function checkValue(
  verb: string,
  { key, flags, data }: ValueRequest,
  length: number,
  { name, limits }: Pick<ServerPort, 'name' | 'limits'>,
): void {
  const allowed = longestValue(limits, key, flags);
  if (length > allowed) throw tooLarge(verb, name, { bytes: length, allowed });
  if (typeof data !== 'string' && !isStill(data, length)) throw changedSinceCall(verb, name);
}

const isStill = (data: Uint8Array, length: number): boolean =>
  data.length === length && isAsLongAsItSays(data) && !isDetached(data);

/** Its memory has gone elsewhere: it looks as if it were empty, and throws when it is copied. */
function isDetached(data: Uint8Array): boolean {
  if (data.length > 0) return false;
  try {
    return new Uint8Array(data.buffer).length < 0;
  } catch {
    return true;
  }
}

/** Bytes it takes when it is sent. */
export const dataLength = (data: string | Uint8Array): number =>
  typeof data === 'string' ? Buffer.byteLength(data, 'utf8') : data.length;
