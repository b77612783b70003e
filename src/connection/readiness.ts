import { latin1 } from '../primitives/bytes.ts';
import type { LineVerdict, ReplySink, ReplySlots } from '../protocol/reply.ts';
import { type ErrorLine, errorFor } from '../protocol/status.ts';
import { turnedAway } from './losses.ts';

/** The request whose answer shows that a server is there: every memcached and every proxy knows it. */
export const READINESS_REQUEST: Buffer = Buffer.from('version\r\n');

/**
 * Awaits the one answer that makes a socket a connection: over its connection limit a server accepts and stays
 * silent, and a TLS port is silent to plain text. A SERVER_ERROR counts as an answer: through a proxy it only means
 * that one backend is away.
 */
export class Readiness implements ReplySlots, ReplySink {
  readonly grammar = 'lines';
  readonly complete = true;
  readonly #server: string;
  readonly #ready: (version: string) => void;
  #answered = false;

  constructor(server: string, ready: (version: string) => void) {
    this.#server = server;
    this.#ready = ready;
  }

  get head(): ReplySink | undefined {
    return this.#answered ? undefined : this;
  }

  line(bytes: Buffer, start: number, end: number): LineVerdict {
    const text = latin1(bytes, start, end);
    if (!text.startsWith('VERSION ')) return 'foreign';
    this.#answered = true;
    this.#ready(text.slice('VERSION '.length));
    return 'more';
  }

  refused(error: ErrorLine): void {
    if (error.status !== 'SERVER_ERROR')
      throw turnedAway(this.#server, errorFor(error, 'version', this.#server));
    this.#answered = true;
    this.#ready('');
  }

  refusedPart(): LineVerdict {
    return 'foreign';
  }
  answered(): void {}
  match(): number {
    return -1;
  }
  wants(): boolean {
    return false;
  }
  item(): void {}
  end(): void {}
}
