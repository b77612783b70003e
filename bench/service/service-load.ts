import cluster from 'node:cluster';
import { once } from 'node:events';
import { join } from 'node:path';
import { decodeFromCompressedBase64 } from 'hdr-histogram-js';
import type { Contender } from '../contenders/contender.ts';
import type { Assignment } from '../load/assignment.ts';
import type { Load } from '../load/load-case.ts';
import { type Usage, usageTogether } from '../load/usage.ts';
import { AskedProcess, startProgram } from '../support/asked-process.ts';
import type {
  Answer as GeneratorAnswer,
  Request as GeneratorRequest,
} from './generator-process.ts';
import type { Answer, Request } from './service-process.ts';

type Service = AskedProcess<Request, Answer>;
type Generator = AskedProcess<GeneratorRequest, GeneratorAnswer>;

const SERVICE = join(import.meta.dirname, 'service-process.js');
const GENERATOR = join(import.meta.dirname, 'generator-process.js');
const PREPARE_TIMEOUT_MS = 60_000;
const ASK_TIMEOUT_MS = 30_000;

async function startServices(
  contender: Contender,
  assignment: Assignment,
): Promise<{ services: readonly Service[]; port: number; keys: number }> {
  cluster.setupPrimary({ exec: SERVICE, silent: true });
  const request: Request = { ...assignment, type: 'serve', contender: contender.name };
  const services: Service[] = [];
  let port = 0;
  let keys = 0;
  // One after the other: each stores the same values and reads them back.
  for (let number = 0; number < (assignment.load.service?.processes ?? 1); number++) {
    const worker = cluster.fork();
    await once(worker, 'message'); // before it listens, node:cluster takes what is sent, and drops it
    const service: Service = new AskedProcess(worker.process);
    const answer = await service.ask(request, PREPARE_TIMEOUT_MS);
    if (answer.type === 'serving') ({ port, keys } = answer);
    services.push(service);
  }
  return { services, port, keys };
}

async function usageOf(services: readonly Service[]): Promise<Usage> {
  const answers = await Promise.all(
    services.map((service) => service.ask({ type: 'usage' }, ASK_TIMEOUT_MS)),
  );
  return usageTogether(answers.flatMap((answer) => (answer.type === 'used' ? [answer.usage] : [])));
}

/**
 * A cluster of HTTP servers around a client, and a generator that keeps `concurrency` connections busy. An operation
 * is a request, and what is accounted for are the processes of the cluster, not this one, which only asks them.
 */
export async function serviceLoad(contender: Contender, assignment: Assignment): Promise<Load> {
  const { load } = assignment;
  const { services, port, keys } = await startServices(contender, assignment);
  const core = load.service?.generatorCore;
  const generator: Generator = new AskedProcess(startProgram({ program: GENERATOR, core }));
  const { size, concurrency: connections } = load;
  await generator.ask({ type: 'connect', port, connections, size, keys }, PREPARE_TIMEOUT_MS);
  return {
    run: async (seconds, latencies) => {
      const begin = services.map((service) => service.ask({ type: 'begin' }, ASK_TIMEOUT_MS));
      await Promise.all(begin);
      const ran = await generator.ask({ type: 'run', seconds }, seconds * 1000 + ASK_TIMEOUT_MS);
      const usage = await usageOf(services);
      if (ran.type !== 'ran') throw new Error(`unexpected answer ${ran.type}`);
      latencies.add(decodeFromCompressedBase64(ran.latencies));
      return { operations: ran.requests, misses: 0, busySeconds: ran.seconds, usage };
    },
    close: async () => {
      await generator.end();
      const ends = services.map((service) => service.ask({ type: 'end' }, ASK_TIMEOUT_MS));
      await Promise.allSettled(ends);
    },
  };
}
