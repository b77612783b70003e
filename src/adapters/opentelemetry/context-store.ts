import type { AsyncLocalStorage } from 'node:async_hooks';
import { channel } from 'node:diagnostics_channel';
import type * as Api from '@opentelemetry/api';

/** A store as channels want it bound, whose value is the context of OpenTelemetry, whoever manages that. */
export type ContextStore = AsyncLocalStorage<Api.Context>;

/**
 * The active context as a store. Channels ask of a store that it runs a function; where a release of Node asks for more,
 * there is none, and what happens inside an operation is not below its span.
 */
export function contextStore({ context }: typeof Api): ContextStore | undefined {
  const store = {
    run: <R>(value: Api.Context, inside: () => R): R => context.with(value, inside),
  } as unknown as ContextStore;
  return carries(store, context) ? store : undefined;
}

function carries(store: ContextStore, context: Api.ContextAPI): boolean {
  const probe = channel(`memvolley:probe`);
  const wanted = context.active();
  let ran = false;
  try {
    probe.bindStore(store, () => wanted);
    probe.runStores({}, () => (ran = true));
  } catch {
    return false;
  } finally {
    probe.unbindStore(store);
  }
  return ran;
}
