import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Address } from '../contenders/contender.ts';
import { startProgram } from './asked-process.ts';
import type { Pinning } from './pinning.ts';
import type { Server } from './servers.ts';

const PROGRAM = fileURLToPath(new URL('embedded-process.js', import.meta.url));
const START_TIMEOUT_MS = 20_000;

/** What every output says that comes from a run without memcached. */
export const EMBEDDED_WARNING =
  'EMBEDDED: the server is the test server of memvolley, in a process of its own; these are no figures of memcached';

/** The in-process test server, in a process of its own, so that it shares no thread with the client. */
export async function startEmbedded(pinning: Pinning): Promise<Server> {
  const child = startProgram({ program: PROGRAM, core: pinning.server });
  const signal = AbortSignal.timeout(START_TIMEOUT_MS);
  const [address] = (await once(child, 'message', { signal })) as [Address];
  return { ...address, text: 'test server of memvolley, no memcached' };
}
