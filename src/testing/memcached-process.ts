import { type ChildProcess, spawn } from 'node:child_process';
import {
  closeSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  rmSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** memcached notices SIGTERM at the next tick of its clock, up to a second later, and has nothing to save by then. */
const TERMINATE_MS = 50;

/** Far longer than a process takes to stop. */
const FREEZE_MS = 1000;

const MAX_COMPLAINT_BYTES = 2_048;

/** Every server of this process that may still run, so that none outlives it. */
const running = new Set<ChildProcess>();

function killAll(): void {
  for (const child of running) child.kill('SIGKILL');
}

function remember(child: ChildProcess): void {
  if (running.size === 0) {
    process.off('exit', killAll);
    process.on('exit', killAll);
  }
  running.add(child);
}

/** A file without a name: what the server complains of goes there, and no pipe keeps the parent alive. */
function openNamelessFile(): number {
  const folder = mkdtempSync(join(tmpdir(), 'memvolley-'));
  try {
    return openSync(join(folder, 'stderr'), 'w+');
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function readComplaint(file: number): string {
  const bytes = Buffer.alloc(MAX_COMPLAINT_BYTES);
  const length = readSync(file, bytes, 0, bytes.length, 0);
  return bytes.toString('utf8', 0, length).trim();
}

/** One run of the program, from spawn to exit. */
export class MemcachedProcess {
  readonly #child: ChildProcess;
  readonly #complaints: number;
  readonly #gone: Promise<void>;
  #exited = false;
  #complaint = '';

  constructor(binary: string, args: readonly string[]) {
    this.#complaints = openNamelessFile();
    this.#child = spawn(binary, args, { stdio: ['ignore', 'ignore', this.#complaints] });
    remember(this.#child);
    this.#gone = new Promise((resolve) => {
      const end = (unspawned = ''): void => {
        if (this.#exited) return;
        this.#exited = true;
        this.#complaint = unspawned === '' ? readComplaint(this.#complaints) : unspawned;
        closeSync(this.#complaints);
        running.delete(this.#child);
        resolve();
      };
      this.#child.once('exit', () => {
        end();
      });
      this.#child.once('error', (error) => {
        end(error.message);
      });
    });
    this.#child.unref();
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  get exited(): boolean {
    return this.#exited;
  }

  /** Why the program ended, in its own words; empty while it runs. */
  get complaint(): string {
    return this.#complaint;
  }

  /** Stops all its threads. The signal only asks for it: where the system shows them, their stop is waited for. */
  freeze(): void {
    this.#child.kill('SIGSTOP');
    const giveUp = performance.now() + FREEZE_MS;
    while (!isFrozen(this.#child.pid) && performance.now() < giveUp);
  }

  thaw(): void {
    this.#child.kill('SIGCONT');
  }

  /** Ends the program and waits until it is gone, asleep (SIGSTOP) or not. */
  async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    if (this.#exited) return;
    this.#child.ref();
    this.#child.kill(signal);
    this.#child.kill('SIGCONT');
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), TERMINATE_MS);
    await this.#gone;
    clearTimeout(timer);
  }
}

/** Whether no thread runs any more; true where there is no way to see. */
function isFrozen(pid: number | undefined): boolean {
  try {
    const threads = readdirSync(`/proc/${pid}/task`);
    return threads.every((thread) =>
      /\) [TtZX]/.test(readFileSync(`/proc/${pid}/task/${thread}/stat`, 'utf8')),
    );
  } catch {
    return true;
  }
}
