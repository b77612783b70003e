import { mkdirSync } from 'node:fs';
import type { Bench } from './bench.ts';
import type { Address, Contender } from './contenders/contender.ts';
import { CEILINGS, RIVALS, SUBJECT } from './contenders/roster.ts';
import { mannersFor, mannersText } from './guest/manners.ts';
import { Tidying } from './guest/tidying.ts';
import { Histograms } from './report/histograms.ts';
import { RESULTS_DIRECTORY } from './report/json.ts';
import { Progress } from './report/progress.ts';
import type { Selection } from './selection.ts';
import { describeEnvironment, type Environment } from './support/environment.ts';
import { EMBEDDED_WARNING, startEmbedded } from './support/embedded-server.ts';
import { choosePinning, type Pinning } from './support/pinning.ts';
import { atEnd } from './support/processes.ts';
import { reachMemcached, type Server, startOwnMemcached, startRedis } from './support/servers.ts';
import { UsageError } from './usage-error.ts';

/**
 * Of a guest neither a ceiling is asked for, nor what talks to one server only: a Redis beside it would be no
 * comparison, nor would it be beside the embedded server.
 */
function contendersOf({ rivals: names, servers, embedded }: Selection): Contender[] {
  const chosen = RIVALS.filter(({ name }) => names.includes(name));
  const alike = servers !== undefined || embedded;
  const rivals = alike ? chosen.filter(({ role }) => role === 'memcached client') : chosen;
  for (const { name, role, available } of rivals) {
    const remedy =
      role === 'other language'
        ? `apt-get install python3-${name}`
        : 'npm ci --ignore-scripts in bench/rivals';
    if (!available()) console.error(`${name} is not installed: ${remedy}`);
  }
  const ceilings = servers === undefined ? CEILINGS : [];
  return [SUBJECT, ...rivals.filter(({ available }) => available()), ...ceilings];
}

/** memcached of somebody or of its own, and a Redis where it is wanted. */
async function serversOf(
  { servers, embedded }: Selection,
  pinning: Pinning,
  contenders: readonly Contender[],
): Promise<{ memcached: Server[]; redis: Server | undefined }> {
  if (servers !== undefined) {
    const reached = servers.map((address) => reachMemcached(address));
    return { memcached: await Promise.all(reached), redis: undefined };
  }
  const memcached = [await startServer(pinning, embedded)];
  if (embedded) return { memcached, redis: undefined };
  const wanted = contenders.some(({ role }) => role === 'redis client');
  return { memcached, redis: wanted ? await startRedis(pinning) : undefined };
}

const startServer = (pinning: Pinning, embedded: boolean): Promise<Server> =>
  embedded ? startEmbedded(pinning) : startOwnMemcached(pinning);

/** So many servers: of those that are somebody's, or of its own, which are started when they are first wanted. */
function fleetOf(memcached: readonly Server[], pinning: Pinning, { servers, embedded }: Selection) {
  const external = servers !== undefined;
  const fleet: Address[] = [...memcached];
  return async (count: number): Promise<readonly Address[]> => {
    if (external && count > fleet.length) {
      throw new UsageError(`this takes ${count} servers, and --server names ${fleet.length}`);
    }
    while (fleet.length < count) fleet.push(await startServer(pinning, embedded));
    return fleet.slice(0, count);
  };
}

/** Starts, or reaches, the servers. */
export async function setUp(
  selection: Selection,
): Promise<{ bench: Bench; environment: Environment }> {
  const external = selection.servers !== undefined;
  const pinning = choosePinning(external);
  const contenders = contendersOf(selection);
  const { memcached, redis } = await serversOf(selection, pinning, contenders);
  if (selection.profile) mkdirSync(RESULTS_DIRECTORY, { recursive: true });
  const profiling = ['--cpu-prof', `--cpu-prof-dir=${RESULTS_DIRECTORY}`];
  const manners = external ? mannersFor(selection.minutes, selection.fullSpeed) : undefined;
  const bench: Bench = {
    selection,
    pinning,
    contenders,
    progress: new Progress(),
    histograms: new Histograms(),
    ...(manners && { guest: { manners, tidying: new Tidying(manners, memcached) } }),
    fleet: fleetOf(memcached, pinning, selection),
    serversFor: ({ role }) => (role === 'redis client' ? redis && [redis] : memcached),
    nodeArgsFor: (contender) => (selection.profile && contender === SUBJECT ? profiling : []),
  };
  const { guest } = bench;
  if (guest !== undefined) {
    console.log(mannersText(guest.manners));
    atEnd(async () => console.log((await guest.tidying.tidy()).join('\n')));
  }
  const servers = [...memcached, ...(redis === undefined ? [] : [redis])].map(({ text }) => text);
  const others = contenders.filter((contender) => contender !== SUBJECT);
  const environment = describeEnvironment(servers, pinning.text, external, others);
  return {
    bench,
    environment: selection.embedded ? { warning: EMBEDDED_WARNING, ...environment } : environment,
  };
}
