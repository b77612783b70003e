import type { ChildProcess } from 'node:child_process';
import { sep } from 'node:path';
import { PACKAGE_ROOT } from './package-root.ts';
import { pinned } from './pinning.ts';
import { end, start } from './processes.ts';

const COMPLAINT_CHARACTERS = 4000;

export interface ProgramOptions {
  /** The compiled file that it runs; it answers each message with one. */
  readonly program: string;
  readonly core?: number | undefined;
  readonly nodeArgs?: readonly string[];
}

/** A program to be asked. Its end, too, is the affair of whoever started it. */
export function startProgram({ program, core, nodeArgs = [] }: ProgramOptions): ChildProcess {
  const [command, args] = pinned(core, process.execPath, [...nodeArgs, program]);
  return start(command, args, { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
}

/** What such a process may answer besides. */
interface Failed {
  readonly type: 'failed';
  readonly reason: string;
}

/** Reports travel: no directory of this machine is in them. */
const withoutPaths = (text: string): string => text.replaceAll(`${PACKAGE_ROOT}${sep}`, '');

/** This side of a process that is asked one thing after the other. One that dies or hangs fails its request, not the run. */
export class AskedProcess<Request extends object, Answer extends { readonly type: string }> {
  private readonly child: ChildProcess;
  private complaint = '';

  constructor(child: ChildProcess) {
    this.child = child;
    this.child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.complaint = (this.complaint + text).slice(-COMPLAINT_CHARACTERS);
    });
  }

  get connected(): boolean {
    return this.child.connected;
  }

  ask(request: Request, timeoutMs: number): Promise<Answer> {
    const { child } = this;
    return new Promise((resolve, reject) => {
      const settle = (outcome: () => void): void => {
        clearTimeout(timer);
        child.removeListener('message', onMessage).removeListener('exit', onExit);
        outcome();
      };
      const onMessage = (answer: Answer | Failed): void =>
        settle(() =>
          answer.type === 'failed'
            ? reject(new Error(withoutPaths((answer as Failed).reason)))
            : resolve(answer as Answer),
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

  async end(): Promise<void> {
    await end(this.child);
  }

  /** An uncaught error prints its stack: the line that names it tells the reader enough. */
  private deathNote(code: number | null): string {
    const named = /^\S*Error\b.*$/m.exec(this.complaint)?.[0] ?? '';
    return withoutPaths(`its process ended (${code}) ${named}`.trim());
  }
}
