import { isBase64, type WireKey } from '../protocol/key.ts';
import {
  type ChangeLine,
  changeLine,
  type QuietStoreVerb,
  type Spelling,
  storeLine,
} from '../protocol/quiet-requests.ts';
import { cappedExptime } from '../protocol/ttl.ts';
import { COPY_UP_TO_BYTES, type RequestWriter } from '../protocol/request-writer.ts';
import type { ServerPort } from './limits.ts';
import { refuseBase64 } from './refusals.ts';
import type { StoreRequest } from './store-command.ts';
import { checkValue, dataLength } from './value-command.ts';

/** What may be sent without waiting for its answer. */
export type QuietRequest = (StoreRequest & { readonly verb: QuietStoreVerb }) | ChangeLine;

export type QuietVerb = QuietRequest['verb'];

/** The server it goes to, looked at when it leaves. */
export type QuietPort = Pick<ServerPort, 'name' | 'limits'>;

/** One command of a batch. */
export interface QuietCommand {
  readonly verb: QuietVerb;
  /** What it is counted as. */
  readonly counter: 'stores' | 'deletes' | 'otherCommands';
  readonly key: WireKey;
  /** Bytes of its value; 0 where it has none. */
  readonly length: number;
  /** Present where its data may not be reused before the socket has let go of it. */
  readonly release: (() => void) | undefined;
  /** The socket gets its data itself, no copy: until it has let go of it, its caller may not change it. */
  readonly lends: boolean;
  /** Encodes it, `quiet` if it is not to be answered. Throws MemcacheError before its first byte if it must not go. */
  write(writer: RequestWriter, quiet: boolean, port: QuietPort): void;
}

/** Bytes a command takes at most beside its key and its value: words, numbers, line ends. */
export const QUIET_OVERHEAD_BYTES = 64;

/** Items of a server with a `maxTtl` live no longer than so many seconds. */
export function quietCommandOf(request: QuietRequest, maxTtl: number | undefined): QuietCommand {
  const exptime = 'exptime' in request ? cappedExptime(request.exptime, maxTtl) : 0;
  if ('data' in request) return new QuietStore({ ...request, exptime });
  return new QuietChange(request.verb === 'touch' ? { ...request, exptime } : request);
}

const STORED = /^(?:STORED|NOT_STORED|HD|NS)$/;
const COUNTED = /^(?:\d{1,20}|NOT_FOUND|HD|NF)$/;

const ANSWERS: Readonly<Record<QuietVerb, RegExp>> = {
  set: STORED,
  add: STORED,
  replace: STORED,
  append: STORED,
  prepend: STORED,
  delete: /^(?:DELETED|NOT_FOUND|HD|NF)$/,
  touch: /^(?:TOUCHED|NOT_FOUND|HD(?: [WXZ])*|EN)$/,
  incr: COUNTED,
  decr: COUNTED,
};

/** Whether a line can be the answer to a command that is to be answered. */
export const isAnswerTo = (verb: QuietVerb, line: string): boolean => ANSWERS[verb].test(line);

class QuietStore implements QuietCommand {
  readonly verb: QuietStoreVerb;
  readonly counter = 'stores';
  readonly key: WireKey;
  readonly length: number;
  readonly release: (() => void) | undefined;
  readonly lends: boolean;
  readonly #request: StoreRequest;

  constructor(request: StoreRequest & { readonly verb: QuietStoreVerb }) {
    this.verb = request.verb;
    this.key = request.key;
    this.length = dataLength(request.data);
    this.release = request.release;
    this.lends = typeof request.data !== 'string' && this.length > COPY_UP_TO_BYTES;
    this.#request = request;
  }

  write(writer: RequestWriter, quiet: boolean, port: QuietPort): void {
    const { verb, key, length } = this;
    const { flags, exptime, data } = this.#request;
    const spelling = spellingOf(this, quiet, port);
    checkValue(verb, this.#request, length, port);
    const line = storeLine({ verb, key, flags, exptime, length }, spelling);
    writer.reserve(line.length + 2);
    writer.text(line).crlf();
    writer.data(data, length);
  }
}

/** `touch` stays classic where it can: `mg`, which does the same, takes from a stale item who is to renew it. */
const STAYS_CLASSIC = 'touch';

class QuietChange implements QuietCommand {
  readonly verb: ChangeLine['verb'];
  readonly counter: 'deletes' | 'otherCommands';
  readonly key: WireKey;
  readonly length = 0;
  readonly release = undefined;
  readonly lends = false;
  readonly #change: ChangeLine;

  constructor(change: ChangeLine) {
    this.verb = change.verb;
    this.counter = change.verb === 'delete' ? 'deletes' : 'otherCommands';
    this.key = change.key;
    this.#change = change;
  }

  write(writer: RequestWriter, quiet: boolean, port: QuietPort): void {
    const line = changeLine(this.#change, spellingOf(this, quiet, port));
    writer.reserve(line.length + 2);
    writer.text(line).crlf();
  }
}

function spellingOf({ verb, key }: QuietCommand, quiet: boolean, port: QuietPort): Spelling {
  const { speaksMeta } = port.limits;
  if (!isBase64(key)) return { meta: quiet && speaksMeta && verb !== STAYS_CLASSIC, quiet };
  if (!speaksMeta) throw refuseBase64(verb, port.name);
  return { meta: true, quiet };
}
