import { object } from '../config/check.ts';
import { type ClientMetrics, type Durations, IllegalInputError } from '../index.ts';
import { kindOf } from '../primitives/kind.ts';

/** A client, for all an exporter wants of it. */
export interface MeasuredClient {
  /** What it has counted so far. */
  metrics(): ClientMetrics;
  /** How long operations took, since this was first asked. */
  durations(): Durations;
}

/** One client, which is then called `default`, or several by the names they are to have. */
export type MeasuredClients = MeasuredClient | Readonly<Record<string, MeasuredClient>>;

/**
 * Clients by name. Throws IllegalInputError (ERR_MEMCACHE_OPTION) where something else was given; `asker` is the
 * function that was given it.
 */
export function namedClients(asker: string, given: MeasuredClients): Map<string, MeasuredClient> {
  if (isClient(given)) return new Map([['default', given]]);
  const clients = object.accepts(given) ? Object.entries(given) : [];
  if (clients.length === 0) throw refusal(asker, kindOf(given));
  for (const [name, client] of clients)
    if (name === '' || !isClient(client)) throw refusal(asker, `${kindOf(client)} as '${name}'`);
  return new Map(clients);
}

function isClient(value: unknown): value is MeasuredClient {
  return typeof (value as Partial<MeasuredClient> | null | undefined)?.metrics === 'function';
}

function refusal(asker: string, got: string): IllegalInputError {
  const problem = `${asker} takes a client, or an object of clients by name; got ${got}`;
  return new IllegalInputError('ERR_MEMCACHE_OPTION', problem);
}
