import { type ChildProcess, spawn, type SpawnOptions } from 'node:child_process';
import { once } from 'node:events';

const GRACE_MS = 2000;
const alive = new Set<ChildProcess>();

/** Every process of the bench is started here, so that it can be ended by its pid whatever happens. */
export function start(
  command: string,
  args: readonly string[],
  options: SpawnOptions,
): ChildProcess {
  if (ending !== undefined) throw new Error('the bench is ending');
  const child = spawn(command, args, options);
  alive.add(child);
  child.once('exit', () => alive.delete(child));
  child.once('error', () => alive.delete(child));
  return child;
}

export async function end(child: ChildProcess): Promise<void> {
  if (!alive.has(child)) return;
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  const impatience = setTimeout(() => child.kill('SIGKILL'), GRACE_MS);
  await exited;
  clearTimeout(impatience);
}

const last: (() => Promise<void>)[] = [];
let ending: Promise<void> | undefined;

/** To be done once all processes have ended, even where the run is interrupted. */
export function atEnd(task: () => Promise<void>): void {
  last.push(task);
}

export const isEnding = (): boolean => ending !== undefined;

/** Ends everything, once, whoever asks. Nothing is started any more. */
export function endAll(): Promise<void> {
  ending ??= endNow();
  return ending;
}

async function endNow(): Promise<void> {
  await Promise.all([...alive].map(end));
  for (const task of last) await task();
}

/** Whatever ends the run, nothing stays behind: interrupted, terminated, failed or done. */
export function endAllOnExit(): void {
  for (const [signal, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const) {
    // Not only once: a second Ctrl-C would kill what is being tidied up.
    process.on(signal, () => void endAll().finally(() => process.exit(code)));
  }
  process.once('exit', () => {
    for (const child of alive) child.kill('SIGKILL');
  });
}
