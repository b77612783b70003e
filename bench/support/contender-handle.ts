import { join } from 'node:path';
import type { Answer, Request } from '../load/contender-process.ts';
import type { Slice } from '../load/load-case.ts';
import type { SliceRequest } from '../load/measure.ts';
import { AskedProcess, startProgram } from './asked-process.ts';

const PROGRAM = join(import.meta.dirname, '..', 'load', 'contender-process.js');
const PREPARE_TIMEOUT_MS = 60_000;
const SLICE_GRACE_MS = 30_000;
const END_TIMEOUT_MS = 5000;

export interface ContenderOptions {
  readonly core: number | undefined;
  readonly nodeArgs?: readonly string[];
}

/** This side of a contender's process. */
export class ContenderHandle {
  private readonly process: AskedProcess<Request, Answer>;

  constructor(options: ContenderOptions) {
    this.process = new AskedProcess(startProgram({ program: PROGRAM, ...options }));
  }

  async prepare(request: Extract<Request, { type: 'prepare' }>): Promise<void> {
    await this.process.ask(request, PREPARE_TIMEOUT_MS);
  }

  async run(slice: SliceRequest): Promise<Slice> {
    const request = { type: 'run', ...slice } as const;
    const answer = await this.process.ask(request, slice.seconds * 1000 + SLICE_GRACE_MS);
    if (answer.type !== 'slice') throw new Error(`unexpected answer ${answer.type}`);
    return answer.slice;
  }

  /** Lets the process exit by itself, which is when it writes its profile; ends it if it does not. */
  async end(): Promise<void> {
    if (this.process.connected)
      await this.process.ask({ type: 'end' }, END_TIMEOUT_MS).catch(() => {});
    await this.process.end();
  }
}
