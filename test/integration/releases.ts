import type { FleetClient } from '../../src/index.ts';
import { isSince, type Version, versionOf } from '../../src/protocol/version.ts';
import { rejects } from '../support/fault-lab.ts';

/** Whether the server has what a release brought; where it has not, the call is refused before it is sent. */
export async function has(
  cache: FleetClient,
  release: Version,
  call: () => Promise<unknown>,
): Promise<boolean> {
  const [said = ''] = (await cache.version()).values();
  if (isSince(versionOf(said) ?? release, release)) return true;
  await rejects(call(), 'ERR_MEMCACHE_UNSUPPORTED', 'no');
  return false;
}
