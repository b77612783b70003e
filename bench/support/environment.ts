import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cpus, loadavg, release, totalmem, type } from 'node:os';
import { join } from 'node:path';
import { RIVALS_DIRECTORY } from '../contenders/rival-packages.ts';
import { PACKAGE_ROOT } from './package-root.ts';

/** Everything a reader needs to judge a figure; no host name, no path. */
export interface Environment {
  readonly date: string;
  readonly commit: string;
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly kernel: string;
  readonly node: string;
  readonly loadBefore: number;
  readonly servers: readonly string[];
  readonly pinning: string;
  readonly network: string;
  readonly packages: Readonly<Record<string, string>>;
}

function commit(): string {
  const git = (...args: string[]): string =>
    execFileSync('git', args, {
      cwd: PACKAGE_ROOT,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  try {
    return (
      git('rev-parse', '--short', 'HEAD') +
      (git('status', '--porcelain') === '' ? '' : ' with changes')
    );
  } catch {
    return 'unknown';
  }
}

function packageVersions(): Record<string, string> {
  const read = (...path: string[]): { version?: string; dependencies?: Record<string, string> } =>
    JSON.parse(readFileSync(join(...path), 'utf8'));
  const own = read(PACKAGE_ROOT, 'package.json');
  const rivals = read(RIVALS_DIRECTORY, 'package.json');
  return { memvolley: own.version ?? '', ...own.dependencies, ...rivals.dependencies };
}

export function describeEnvironment(
  servers: readonly string[],
  pinning: string,
  external: boolean,
): Environment {
  return {
    date: new Date().toISOString(),
    commit: commit(),
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 1024 ** 3),
    kernel: `${type()} ${release()}`,
    node: process.version,
    loadBefore: loadavg()[0] ?? 0,
    servers,
    pinning,
    network: external ? 'as the server was given' : 'loopback',
    packages: packageVersions(),
  };
}

export function environmentText(environment: Environment): string {
  const { cpu, cores, kernel, node, servers, pinning, network, loadBefore } = environment;
  return [
    `${cpu}, ${cores} cores, ${kernel}, node ${node}, load ${loadBefore.toFixed(2)}`,
    `${servers.join('; ')}; ${network}; ${pinning}`,
    `memvolley ${environment.packages['memvolley']} at ${environment.commit}`,
  ].join('\n');
}
