import { ManyError, type MemcacheError } from '../errors.ts';

/** What all clients answer, when all have. Rejects with the first failure in their order. */
export async function ofAll<C, A>(
  clients: readonly C[],
  ask: (client: C) => Promise<A>,
): Promise<A[]> {
  return answersOf(await Promise.allSettled(clients.map(ask)));
}

/** As `ofAll`, the first client after the others. */
export async function ofAllFirstLast<C, A>(
  [first, ...others]: readonly C[],
  ask: (client: C) => Promise<A>,
): Promise<A[]> {
  const behind = await Promise.allSettled(others.map(ask));
  return answersOf([...(await Promise.allSettled([ask(first)])), ...behind]);
}

function answersOf<A>(outcomes: readonly PromiseSettledResult<A>[]): A[] {
  return outcomes.map((outcome) => {
    if (outcome.status === 'rejected') throw outcome.reason;
    return outcome.value;
  });
}

interface ByKey<K, Y extends boolean> {
  readonly values: Map<K, Y>;
  readonly errors: Map<K, MemcacheError>;
}

/**
 * For each key, or server, whether one of the clients said yes. Rejects with ManyError for the keys that failed at one
 * of them, or with what a client failed with as a whole.
 */
export async function ofAllByKey<C, K, Y extends boolean>(
  clients: readonly C[],
  ask: (client: C) => Promise<Map<K, Y>>,
): Promise<Map<K, Y>> {
  const all: ByKey<K, Y> = { values: new Map(), errors: new Map() };
  for (const { values, errors } of await ofAll(clients, (client) => byKey(ask(client)))) {
    for (const [key, yes] of values) all.values.set(key, yes ? yes : (all.values.get(key) ?? yes));
    for (const [key, error] of errors) all.errors.set(key, all.errors.get(key) ?? error);
  }
  if (all.errors.size === 0) return all.values;
  for (const key of all.errors.keys()) all.values.delete(key);
  throw new ManyError(all.values, all.errors);
}

async function byKey<K, Y extends boolean>(answer: Promise<Map<K, Y>>): Promise<ByKey<K, Y>> {
  try {
    return { values: await answer, errors: new Map() };
  } catch (error) {
    if (error instanceof ManyError) return error as ManyError<K, Y>;
    throw error;
  }
}
