import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';

/** Set in the environment of a run, inherited by all that the run starts: the mark by which leftovers are known. */
export const RUN_MARK = 'VOLLEY_TEST_RUN';

function environmentOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'latin1');
  } catch {
    return ''; // Gone meanwhile, or another user's: not ours in either case.
  }
}

function pidsFromProc(mark: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => environmentOf(pid).split('\0').includes(mark));
}

function pidsFromPs(mark: string): number[] {
  try {
    const lines = execFileSync('ps', ['-axEww', '-o', 'pid=,command='], { encoding: 'utf8' });
    return lines
      .split('\n')
      .filter((line) => line.includes(mark))
      .map((line) => Number.parseInt(line, 10));
  } catch {
    return [];
  }
}

function kill(pid: number): boolean {
  try {
    return process.kill(pid, 'SIGKILL');
  } catch {
    return false; // It ended by itself between the look and the shot.
  }
}

/**
 * Kills, one by one and by process id, what a run left behind: servers of a test file that was killed before it could
 * end them. Answers how many there were.
 */
export function reap(run: string): number {
  const mark = `${RUN_MARK}=${run}`;
  const pids = existsSync('/proc/self/environ') ? pidsFromProc(mark) : pidsFromPs(mark);
  return pids.filter((pid) => pid !== process.pid).filter(kill).length;
}
