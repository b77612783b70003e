import type { Command } from '../../src/connection/command.ts';
import type { MemcacheError, Sent } from '../../src/errors.ts';
import type { LineVerdict } from '../../src/protocol/reply.ts';
import type { RequestWriter } from '../../src/protocol/request-writer.ts';
import type { ErrorLine } from '../../src/protocol/status.ts';

/** The simplest command: a line out, a line in. It keeps what becomes of it, in order. */
export class LineAsker implements Command {
  readonly grammar = 'lines';
  readonly verb = 'ask';
  readonly operations = 1;
  readonly complete = true;
  readonly fate: string[] = [];
  readonly request: string;
  deadline: number;
  abandoned = false;
  /** Where a refusal to write comes from: before the first byte, or after some. */
  stumbles: 'before' | 'after' | undefined;
  error: MemcacheError | undefined;
  readonly release: () => void;

  constructor(request: string, deadline: number = Infinity) {
    this.request = request;
    this.deadline = deadline;
    this.release = () => void this.fate.push('released');
  }

  get bytes(): number {
    return this.request.length;
  }

  /** The last thing that became of it but its release. */
  get outcome(): string | undefined {
    return this.fate.findLast((what) => what !== 'released' && what !== 'written');
  }

  write(writer: RequestWriter): void {
    if (this.stumbles === 'before') throw new Error('before');
    writer.reserve(this.request.length + 2);
    writer.text(this.request);
    if (this.stumbles === 'after') throw new Error('after');
    writer.crlf();
  }

  written(): void {
    this.fate.push('written');
  }

  line(bytes: Buffer, start: number, end: number): LineVerdict {
    this.fate.push(`answer ${bytes.toString('latin1', start, end)}`);
    return 'last';
  }

  refused({ status }: ErrorLine): void {
    this.fate.push(`refused ${status}`);
  }

  fail(error: MemcacheError): void {
    this.error = error;
    this.fate.push(`fail ${error.code ?? error.message}`);
  }

  expire(_now: number, sent: Sent): number {
    this.deadline = Infinity;
    this.abandoned = true;
    this.fate.push(`expired ${sent}`);
    return 1;
  }

  refusedPart(): LineVerdict {
    return 'foreign';
  }
  match(): number {
    return -1;
  }
  wants(): boolean {
    return false;
  }
  item(): void {}
  end(): void {}
}
