import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** The cores this process may use: `0-1,4` means 0, 1 and 4. Empty where the system does not tell. */
function allowedCores(): number[] {
  try {
    const list =
      /^Cpus_allowed_list:\s*(\S+)/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '';
    return list.split(',').flatMap((part) => {
      const [from = 0, to = from] = part.split('-').map(Number);
      return Array.from({ length: to - from + 1 }, (_, i) => from + i);
    });
  } catch {
    return [];
  }
}

/** Clients on one core, the server on another, so that neither's speed depends on where the other happens to run. */
export interface Pinning {
  readonly client: number | undefined;
  readonly server: number | undefined;
  readonly text: string;
}

/** An external server runs where its owner put it. */
export function choosePinning(external: boolean): Pinning {
  const cores = allowedCores();
  const none = (why: string): Pinning => ({
    client: undefined,
    server: undefined,
    text: `nothing pinned: ${why}`,
  });
  if (cores.length < 2) return none(cores.length === 1 ? 'only one core' : 'the cores are unknown');
  if (spawnSync('taskset', ['--version']).status !== 0) return none('taskset is not installed');
  const [client, server] = cores.toReversed();
  const clients = `each client pinned to core ${client}`;
  if (external) return { client, server: undefined, text: clients };
  return { client, server, text: `${clients}, each server to core ${server}` };
}

/** The command as it is to be spawned; `taskset` becomes the command itself, so the pid stays the same. */
export function pinned(
  core: number | undefined,
  command: string,
  args: readonly string[],
): [string, string[]] {
  return core === undefined
    ? [command, [...args]]
    : ['taskset', ['-c', String(core), command, ...args]];
}

/** Moves every thread of a process that already runs. */
export function pinRunning(core: number | undefined, pid: number): void {
  if (core !== undefined) spawnSync('taskset', ['-a', '-c', '-p', String(core), String(pid)]);
}
