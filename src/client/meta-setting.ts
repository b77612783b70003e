import type { MetaSet } from '../protocol/meta-requests.ts';
import type { MetaAnswer } from '../server/meta-commands.ts';
import type { StoreOptions } from './call-options.ts';
import type { KeyCalls, StoreCall } from './key-calls.ts';
import type { MetaSetOptions } from './meta-options.ts';
import { checkMetaCall, needs, refusal } from './meta-rules.ts';
import type { Key } from './read.ts';

/** The call that stores a value by `ms`, and the options it shares with `set`. */
export function metaSetting(
  calls: KeyCalls,
  key: Key,
  value: unknown,
  options: MetaSetOptions,
): { what: StoreCall<MetaAnswer>; call: StoreOptions } {
  checkMetaCall(options, 'meta.set');
  const { mode = 'set', cas, invalidate, vivify, newCas, flags, ...others } = options;
  const { returnCas, returnSize, opaque, proxy, ...call } = others;
  checkTogether(options, mode);
  const set: MetaSet = {
    mode,
    cas,
    invalidate,
    vivify: vivify === undefined ? undefined : calls.exptime(vivify),
    newCas: newCas === undefined ? undefined : String(newCas),
    returnCas,
    returnSize,
    opaque,
    proxy,
  };
  const joins = mode === 'append' || mode === 'prepend';
  const { signal, timeoutMs, routeBy } = call;
  return {
    call: joins ? { signal, timeoutMs, routeBy } : call,
    what: {
      told: 'meta.set',
      // One that compares is never repeated: the second time it would compare with its own work.
      verb: cas === undefined || joins ? mode : 'cas',
      key,
      value,
      asIs: joins,
      send: (server, request, waiting) => {
        const meta = { ...set, exptime: joins ? undefined : request.exptime };
        server.metaStore({ ...request, flags: flags ?? request.flags, meta }, waiting);
      },
    },
  };
}

/** Refuses what the server would pass over. */
function checkTogether(options: MetaSetOptions, mode: string): void {
  const verb = 'meta.set';
  needs(verb, options, 'invalidate', ['cas']);
  const refuse = (option: string): never => {
    throw refusal(`option '${option}' of ${verb} has no effect with mode '${mode}'`);
  };
  const joins = mode === 'append' || mode === 'prepend';
  if (options.cas !== undefined && mode === 'add') refuse('cas');
  if (options.invalidate === true && joins) refuse('invalidate');
  if (options.ttl !== undefined && joins) refuse('ttl');
  if (options.codec !== undefined && joins) refuse('codec');
  if (options.vivify !== undefined && !joins) refuse('vivify');
}
