import { parseServers, type ServerSpec } from '../connection/address.ts';
import type { Discovery } from './discovery.ts';

/**
 * A list that never changes, for code that wants a discovery in any case.
 * Throws IllegalInputError for a list that is empty, names a server twice or holds what is none.
 */
export function staticList(specs: string | readonly ServerSpec[]): Discovery {
  const servers = parseServers(specs);
  return { name: 'static list', pollMs: 0, local: true, discover: async () => servers };
}
