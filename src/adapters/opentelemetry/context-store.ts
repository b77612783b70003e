import type { AsyncLocalStorage } from 'node:async_hooks';
import { channel } from 'node:diagnostics_channel';
import type * as Api from '@opentelemetry/api';

/** A store as channels want it bound, whose value is the context of OpenTelemetry, whoever manages that. */
export type ContextStore = AsyncLocalStorage<Api.Context>;

/** Where API 1 has the manager. */
const MANAGER = '_getContextManager';

/** What newer context managers can, and the API does not yet pass on. */
interface Attaching {
  attach?(context: Api.Context): Scoped;
}

/** Of RunScope in newer releases of Node, which managers hand on, and of what stands in for it. */
interface Scoped {
  dispose(): void;
}

/**
 * The active context as a store. Channels ask of a store that it runs a function, from Node.js 26 on that it gives a
 * scope; where a release asks for more, there is none. Without it, or where a manager of contexts has no scopes, what
 * happens inside an operation is not below its span.
 */
export function contextStore({ context }: typeof Api): ContextStore | undefined {
  const store = {
    run: <R>(value: Api.Context, inside: () => R): R => context.with(value, inside),
    withScope: (value: Api.Context): Disposable => {
      const scope = attachTo(context, value);
      return { [Symbol.dispose]: () => scope?.dispose() };
    },
  } as unknown as ContextStore;
  return carries(store, context) ? store : undefined;
}

/** The manager may be another one later, or none. */
function attachTo(context: Api.ContextAPI, value: Api.Context): Scoped | undefined {
  const api = context as unknown as Attaching & { [MANAGER]?: () => Attaching };
  if (api.attach !== undefined) return api.attach(value);
  return api[MANAGER]?.().attach?.(value);
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
