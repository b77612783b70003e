import { availableParallelism } from 'node:os';
import type { ResolvedCodecOptions } from './codec-options.ts';
import { StandardCodec } from './standard-codec.ts';
import { ModuleCodec } from './user-codec.ts';

export type Offload = ResolvedCodecOptions['offload'];

/**
 * On one core a worker only takes turns with this thread: `set` of 10 KB objects is 1.6 times as fast without, `get` 1.2
 * times (`npm run bench -- tune`, which pins the client to one).
 */
const ONE_CORE = availableParallelism() === 1;

/** What a codec's option comes to: codecs of the user's own on this thread, and those of other clients, are done here. */
export function offloadOf(coder: object, offload: Offload): Offload {
  if (coder instanceof ModuleCodec) return offload;
  const pays = coder instanceof StandardCodec && !(ONE_CORE && offload === 'auto');
  return pays ? offload : 'never';
}
