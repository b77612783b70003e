import { MemcacheError } from '../../../src/errors.ts';
import { MetaFlags } from '../../../src/protocol/meta-flags.ts';
import type { ItemView, ReplySlots } from '../../../src/protocol/reply.ts';
import { ResponseParser } from '../../../src/protocol/response-parser.ts';
import type { ErrorLine } from '../../../src/protocol/status.ts';
import type { ServerLimits } from '../../../src/server/limits.ts';
import { GET, type ReadForm } from '../../../src/server/read-form.ts';
import { Volley, type VolleyHost } from '../../../src/server/volley.ts';
import { Port, ReadWaiter, wireText } from '../../support/waiters.ts';

/** The lane of a volley, and what it is told. */
export class Host implements VolleyHost {
  readonly server = 'a:1';
  readonly limits: ServerLimits;
  readonly bulkBytes: number = 10;
  bulk = false;
  readonly misplacedKeys: string[] = [];
  readonly droppedKeys: string[] = [];
  readonly halves: Volley[] = [];
  readonly counts = { hits: 0, misses: 0 };
  /** How often somebody had an answer in time, beside items and their absence. */
  answers: number = 0;
  repeats: number = Infinity;

  constructor(limits: Partial<ServerLimits> = { speaksMeta: true }) {
    this.limits = new Port(limits).limits;
  }

  misplaced(key: string): void {
    this.misplacedKeys.push(key);
  }

  dropped(key: string): void {
    this.droppedKeys.push(key);
  }

  askAgain(volley: Volley, from: number, to: number): void {
    const half = new Volley(100, this);
    half.form = volley.form;
    volley.moveTo(half, from, to);
    this.halves.push(half);
  }

  mayRepeat(): boolean {
    return this.repeats-- > 0;
  }

  served(): void {
    this.answers++;
  }

  counted(hits: number, misses: number): void {
    this.counts.hits += hits;
    this.counts.misses += misses;
  }
}

interface Lab {
  readonly host: Host;
  readonly volley: Volley;
  /** Waits for every key, each by its place. */
  readonly waiter: ReadWaiter;
}

export function formVolley(form: ReadForm, ...keys: string[]): Lab {
  const host = new Host();
  const volley = new Volley(100, host);
  volley.form = form;
  const waiter = new ReadWaiter();
  keys.forEach((key, tag) => volley.join(key, waiter, tag));
  return { host, volley, waiter };
}

export const volleyOf = (...keys: string[]): Lab => formVolley(GET, ...keys);

/** An item in the midst of other bytes. */
export const itemOf = (value: string): ItemView => {
  const bytes = Buffer.from(`--${value}--`, 'latin1');
  const [start, end] = [2, 2 + value.length];
  return { bytes, start, end, flags: 0, cas: '', owned: false, facts: new MetaFlags() };
};

/** Hands it to a socket; what that was, one character per byte. */
export const send = (volley: Volley): string => {
  const text = wireText(volley);
  volley.written();
  return text;
};

/** What became of a volley, and of the stream of its answer. */
export interface Fate {
  /** It has its whole answer. */
  answered: boolean;
  refused: string | undefined;
  /** The code of the error that ended the stream. */
  broken: string | undefined;
}

/** Hands a stream of replies to a volley by way of the parser, in pieces of so many bytes. */
export function reply(volley: Volley, text: string, pieceBytes: number = Infinity): Fate {
  const fate: Fate = { answered: false, refused: undefined, broken: undefined };
  let head: Volley | undefined = volley;
  const slots: ReplySlots = {
    get head() {
      return head;
    },
    answered() {
      fate.answered = true;
      head = undefined;
    },
    refused(error: ErrorLine) {
      fate.refused = error.status;
      head = undefined;
      volley.refused(error);
    },
  };
  const parser = new ResponseParser(slots, { readBufferBytes: 4096, maxValueBytes: 100_000 });
  const bytes = Buffer.from(text, 'latin1');
  const step = Math.min(pieceBytes, bytes.length);
  try {
    for (let at = 0; at < bytes.length; at += step) parser.feed(bytes.subarray(at, at + step));
  } catch (error) {
    if (!(error instanceof MemcacheError)) throw error;
    fate.broken = error.code;
  }
  return fate;
}
