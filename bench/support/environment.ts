import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cpus, loadavg, release, totalmem, type } from 'node:os';
import { join } from 'node:path';
import type { Contender } from '../contenders/contender.ts';
import { PACKAGE_ROOT } from './package-root.ts';

/** Everything a reader needs to judge a figure; no host name, no path. */
export interface Environment {
  /** What every reader has to know first. */
  readonly warning?: string;
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
  /** memvolley and what it depends on. */
  readonly packages: Readonly<Record<string, string>>;
  /** Those who ran beside memvolley, which runs as it comes. */
  readonly others: readonly DescribedContender[];
}

/** A client as it was measured. */
export interface DescribedContender {
  readonly name: string;
  readonly version: string;
  readonly settings: string;
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
  const own = JSON.parse(readFileSync(join(PACKAGE_ROOT, 'package.json'), 'utf8')) as {
    version?: string;
    dependencies?: Record<string, string>;
  };
  return { memvolley: own.version ?? '', ...own.dependencies };
}

const described = ({ name, version, settings }: Contender): DescribedContender => ({
  name,
  version: version?.() ?? '',
  settings: settings ?? 'as it comes',
});

export function describeEnvironment(
  servers: readonly string[],
  pinning: string,
  external: boolean,
  others: readonly Contender[] = [],
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
    others: others.map(described),
  };
}

export function environmentText(environment: Environment): string {
  const { cpu, cores, kernel, node, servers, pinning, network, loadBefore } = environment;
  return [
    ...(environment.warning === undefined ? [] : [environment.warning]),
    `${cpu}, ${cores} cores, ${kernel}, node ${node}, load ${loadBefore.toFixed(2)}`,
    `${servers.join('; ')}; ${network}; ${pinning}`,
    `memvolley ${environment.packages['memvolley']} at ${environment.commit}`,
    ...environment.others.map(
      ({ name, version, settings }) => `${`${name} ${version}`.trim()}: ${settings}`,
    ),
  ].join('\n');
}
