import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Histogram } from 'hdr-histogram-js';
import { GET_MANY_KEYS, type Load, type LoadCase } from '../load/load-case.ts';
import { bytesOfSize } from '../load/values.ts';
import { PACKAGE_ROOT } from '../support/package-root.ts';
import { type Address, type Contender, hostPort } from './contender.ts';

const PROGRAM = join(PACKAGE_ROOT, 'bench', 'contenders', 'python-clients.py');
/** The system's own last: its packages are for itself, and often another one comes first in the path. */
const INTERPRETERS = ['python3', '/usr/bin/python3'];

interface PythonRival {
  readonly name: string;
  readonly settings: string;
  /** Python that prints the version. */
  readonly version: string;
  /** Blocking callers beside each other: as many as are fastest, for one interpreter runs one at a time. */
  readonly threads: { readonly get: number; readonly getMany: number };
}

type Answer =
  | { readonly type: 'ready' }
  | { readonly type: 'failed'; readonly reason: string }
  | {
      readonly type: 'ran';
      readonly operations: number;
      readonly misses: number;
      readonly seconds: number;
      readonly cpuMicros: number;
      readonly rssMiB: number;
      /** Nanoseconds of each call. */
      readonly times: readonly number[];
    };

interface Found {
  readonly interpreter: string;
  readonly version: string;
}

function find({ version }: PythonRival): Found | undefined {
  for (const interpreter of INTERPRETERS) {
    const { status, stdout } = spawnSync(interpreter, ['-c', version], { encoding: 'utf8' });
    if (status === 0) return { interpreter, version: stdout.trim() };
  }
  return undefined;
}

/** A Python process: a line for each request, a line for each answer. */
class PythonProcess {
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;

  constructor(interpreter: string) {
    this.#child = spawn(interpreter, [PROGRAM], { stdio: ['pipe', 'pipe', 'ignore'] });
    if (this.#child.stdout === null) throw new Error('has no output');
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
  }

  async ask(request: object): Promise<Answer> {
    this.#child.stdin?.write(`${JSON.stringify(request)}\n`);
    const line = await this.#lines.next();
    if (line.done === true) throw new Error('the Python process ended');
    const answer = JSON.parse(line.value) as Answer;
    if (answer.type === 'failed') throw new Error(answer.reason);
    return answer;
  }

  async end(): Promise<void> {
    if (this.#child.exitCode !== null) return;
    const exited = once(this.#child, 'exit');
    this.#child.stdin?.end();
    await exited;
  }
}

async function ran(python: PythonProcess, seconds: number, latencies: Histogram) {
  const answer = await python.ask({ type: 'run', seconds });
  if (answer.type !== 'ran') throw new Error(`unexpected answer ${answer.type}`);
  for (const time of answer.times) latencies.recordValue(time);
  const { operations, misses, cpuMicros, rssMiB } = answer;
  const usage = {
    cpuMicros,
    mainThreadMicros: cpuMicros,
    eventLoopUtilization: Number.NaN,
    rssMiB,
  };
  return { operations, misses, busySeconds: answer.seconds, usage };
}

function threadsFor({ threads }: PythonRival, { operation, concurrency }: LoadCase): number {
  return Math.min(concurrency, operation === 'get' ? threads.get : threads.getMany);
}

/** Its load runs in Python from the first value to the last; this process only asks for it. */
function pythonRival(rival: PythonRival): Contender {
  let found: Found | undefined;
  const installed = (): Found | undefined => (found ??= find(rival));
  return {
    name: rival.name,
    role: 'other language',
    accepts: ['string', 'buffer'],
    performs: ['get', 'getMany'],
    settings: rival.settings,
    available: () => installed() !== undefined,
    version: () => installed()?.version,
    async flood(server: Address, load, keys): Promise<Load> {
      const { interpreter } = installed() ?? {};
      if (interpreter === undefined) throw new Error('is not installed');
      const python = new PythonProcess(interpreter);
      await python.ask({
        type: 'prepare',
        client: rival.name,
        servers: [hostPort(server)],
        kind: load.kind,
        keys,
        values: keys.map((_, index) => bytesOfSize(load.size, index).toString('latin1')),
        many: load.operation === 'get' ? 1 : Math.min(GET_MANY_KEYS, keys.length),
        threads: threadsFor(rival, load),
        ttl: 0,
      });
      return {
        run: (seconds, latencies) => ran(python, seconds, latencies),
        close: () => python.end(),
      };
    },
  };
}

/** C behind Python: libmemcached. */
export const pylibmc: Contender = pythonRival({
  name: 'pylibmc',
  settings: 'tcp_nodelay, no_block, text protocol; 1 caller for getMany, up to 4 for get',
  version:
    'import pylibmc as p, platform; print(f"{p.__version__} (libmemcached {p.libmemcached_version}, Python {platform.python_version()})")',
  threads: { get: 4, getMany: 1 },
});

export const pymemcache: Contender = pythonRival({
  name: 'pymemcache',
  settings: 'no_delay, pickle_serde for strings; 2 callers for getMany, up to 4 for get',
  version:
    'import pymemcache as p, platform; print(f"{p.__version__} (Python {platform.python_version()})")',
  threads: { get: 4, getMany: 2 },
});
