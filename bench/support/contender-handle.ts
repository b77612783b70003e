import type { ChildProcess } from 'node:child_process';
import { join, sep } from 'node:path';
import type { Answer, Request } from '../load/contender-process.ts';
import type { Slice } from '../load/load-case.ts';
import { PACKAGE_ROOT } from './package-root.ts';
import { pinned } from './pinning.ts';
import { end, start } from './processes.ts';

const PROGRAM = join(import.meta.dirname, '..', 'load', 'contender-process.js');
const PREPARE_TIMEOUT_MS = 60_000;
const SLICE_GRACE_MS = 30_000;
const COMPLAINT_CHARACTERS = 4000;

export interface ContenderOptions {
  readonly core: number | undefined;
  readonly nodeArgs?: readonly string[];
}

/** Reports travel: no directory of this machine is in them. */
const withoutPaths = (text: string): string => text.replaceAll(`${PACKAGE_ROOT}${sep}`, '');

/** This side of a contender's process. A process that dies or hangs fails its request, not the run. */
export class ContenderHandle {
  private readonly child: ChildProcess;
  private complaint = '';

  constructor({ core, nodeArgs = [] }: ContenderOptions) {
    const [command, args] = pinned(core, process.execPath, [...nodeArgs, PROGRAM]);
    this.child = start(command, args, { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
    this.child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.complaint = (this.complaint + text).slice(-COMPLAINT_CHARACTERS);
    });
  }

  async prepare(request: Extract<Request, { type: 'prepare' }>): Promise<void> {
    await this.ask(request, PREPARE_TIMEOUT_MS);
  }

  async run(seconds: number): Promise<Slice> {
    const answer = await this.ask({ type: 'run', seconds }, seconds * 1000 + SLICE_GRACE_MS);
    if (answer.type !== 'slice') throw new Error(`unexpected answer ${answer.type}`);
    return answer.slice;
  }

  /** Lets the process exit by itself, which is when it writes its profile; ends it if it does not. */
  async end(): Promise<void> {
    if (this.child.connected) await this.ask({ type: 'end' }, 5000).catch(() => {});
    await end(this.child);
  }

  private ask(request: Request, timeoutMs: number): Promise<Answer> {
    const { child } = this;
    return new Promise((resolve, reject) => {
      const settle = (outcome: () => void): void => {
        clearTimeout(timer);
        child.removeListener('message', onMessage).removeListener('exit', onExit);
        outcome();
      };
      const onMessage = (answer: Answer): void =>
        settle(() =>
          answer.type === 'failed'
            ? reject(new Error(withoutPaths(answer.reason)))
            : resolve(answer),
        );
      const onExit = (code: number | null): void =>
        settle(() => reject(new Error(this.deathNote(code))));
      const timer = setTimeout(
        () => settle(() => reject(new Error('did not answer in time'))),
        timeoutMs,
      );
      child.on('message', onMessage).once('exit', onExit);
      if (!child.connected) settle(() => reject(new Error('its process is gone')));
      else child.send(request);
    });
  }

  /** An uncaught error prints its stack: the line that names it tells the reader enough. */
  private deathNote(code: number | null): string {
    const named = /^\S*Error\b.*$/m.exec(this.complaint)?.[0] ?? '';
    return withoutPaths(`its process ended (${code}) ${named}`.trim());
  }
}
