import type { Scenario } from '../bench.ts';
import { codec } from './codec.ts';
import { costs } from './costs.ts';
import { fetch } from './fetch.ts';
import { fleet } from './fleet.ts';
import { garbage } from './garbage.ts';
import { guards } from './guards.ts';
import { further, headline } from './headline.ts';
import { importTime } from './import-time.ts';
import { incast } from './incast.ts';
import { loadScenario } from './load.ts';
import { memory } from './memory.ts';
import { neighbours } from './neighbours.ts';
import { open } from './open.ts';
import { routing } from './routing.ts';
import { service } from './service.ts';
import { smoke } from './smoke.ts';
import { stall } from './stall.ts';
import { stalled } from './stalled.ts';
import { sweep } from './sweep.ts';
import { telemetry } from './telemetry.ts';
import { workloads } from './workloads.ts';

interface Entry {
  readonly run: Scenario;
  readonly about: string;
  /** On servers that are somebody's. Default: at a limited speed, too. */
  readonly guest?: 'never' | 'at full speed';
  /** It stops or slows down processes of memcached, which the embedded server is none of. */
  readonly memcachedOnly?: true;
}

const strings = { kinds: ['string'] } as const;

export const SCENARIOS: Readonly<Record<string, Entry>> = {
  headline: {
    run: headline,
    about: 'the cases that have a target; what runs when nothing is chosen',
  },
  further: {
    run: further,
    about: 'the cases with a target that the headline has no time for',
  },
  get: {
    run: loadScenario('get', { ...strings, sizes: [100], concurrencies: [1, 64, 512] }),
    about: 'single gets',
  },
  getMany: {
    run: loadScenario('getMany', { ...strings, sizes: [100], concurrencies: [16] }),
    about: '100 keys per call',
  },
  set: {
    run: loadScenario('set', { ...strings, sizes: [100], concurrencies: [64, 512] }),
    about: 'single sets',
  },
  mixed: {
    run: loadScenario('mixed', { ...strings, sizes: [100], concurrencies: [64, 512] }),
    about: '90 % gets, 10 % sets, Zipf 0.99 keys',
  },
  burst: {
    run: loadScenario('burst', { ...strings, sizes: [100], concurrencies: [512] }),
    about: 'gets all at once out of a quiet client; time until the last answer',
  },
  service: {
    run: service,
    guest: 'at full speed',
    about: 'an HTTP server with 11 gets per request, as one process and as a cluster of two',
  },
  open: {
    run: open,
    guest: 'at full speed',
    about: 'open loop: latency at given rates of calls, from when each was due',
  },
  sweep: {
    run: sweep,
    guest: 'at full speed',
    about: 'open loop: rates that rise until the p99 is too long, for each client',
  },
  workloads: {
    run: workloads,
    about: 'each workload for a short while; at --rate in the open loop',
  },
  codec: {
    run: codec,
    about: "main-thread time per value: inline, offload 'auto', offload 'always'",
  },
  costs: {
    run: costs,
    guest: 'never',
    about: 'how the CPU time of an operation grows with servers, keys, connections and sizes',
  },
  garbage: {
    run: garbage,
    guest: 'at full speed',
    about: 'bytes of heap per get, and how long scavenges take',
  },
  stall: {
    run: stall,
    guest: 'at full speed',
    about: 'how long the event loop stands still while 1000 objects of 10 KB are stored at once',
  },
  fetch: {
    run: fetch,
    about: 'what fetch costs beside get on a hot key, and metadata beside getMany',
  },
  fleet: {
    run: fleet,
    guest: 'never',
    about: 'single gets over 8 servers, against one server and the other clients',
  },
  stalled: {
    run: stalled,
    memcachedOnly: true,
    guest: 'never',
    about: 'what one stalled server of eight costs those who ask the others',
  },
  incast: {
    run: incast,
    memcachedOnly: true,
    guest: 'never',
    about: 'many servers behind one narrow link, with and without the adaptive window',
  },
  guards: {
    run: guards,
    about: 'what the guards cost against a parser without them, and what opaque and checksum do',
  },
  telemetry: {
    run: telemetry,
    about:
      'what channels with a subscriber, percentiles and durations cost, against nobody listening',
  },
  routing: { run: routing, about: 'ns to find the server of a key, for each hash' },
  neighbours: {
    run: neighbours,
    guest: 'at full speed',
    about: 'what a 1 MB value costs the small gets beside it',
  },
  memory: { run: memory, about: 'RSS at 512 callers, and its growth over --minutes' },
  import: { run: importTime, about: "milliseconds of import('memvolley') in fresh processes" },
  smoke: { run: smoke, about: 'two tiny cases; what --smoke runs' },
};
