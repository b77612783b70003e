import { ManyError, type MemcacheError } from '../errors.ts';

/** What all clients answer, when all have. Rejects with the first failure in their order. */
export async function ofAll<C, A>(
  clients: readonly C[],
  ask: (client: C) => Promise<A>,
): Promise<A[]> {
  const outcomes = await Promise.allSettled(clients.map(ask));
  return outcomes.map((outcome) => {
    if (outcome.status === 'rejected') throw outcome.reason;
    return outcome.value;
  });
}

interface ByKey<K> {
  readonly values: Map<K, boolean>;
  readonly errors: Map<K, MemcacheError>;
}

/**
 * For each key, or server, whether one of the clients said yes. Rejects with ManyError for the keys that failed at one
 * of them, or with what a client failed with as a whole.
 */
export async function ofAllByKey<C, K>(
  clients: readonly C[],
  ask: (client: C) => Promise<Map<K, boolean>>,
): Promise<Map<K, boolean>> {
  const all: ByKey<K> = { values: new Map(), errors: new Map() };
  for (const { values, errors } of await ofAll(clients, (client) => byKey(ask(client)))) {
    for (const [key, yes] of values) all.values.set(key, yes || all.values.get(key) === true);
    for (const [key, error] of errors) all.errors.set(key, all.errors.get(key) ?? error);
  }
  if (all.errors.size === 0) return all.values;
  for (const key of all.errors.keys()) all.values.delete(key);
  throw new ManyError(all.values, all.errors);
}

async function byKey<K>(answer: Promise<Map<K, boolean>>): Promise<ByKey<K>> {
  try {
    return { values: await answer, errors: new Map() };
  } catch (error) {
    if (error instanceof ManyError) return error as ManyError<K, boolean>;
    throw error;
  }
}
