/**
 * The process one contender lives in. It answers each request in turn and is quiet in between; so no client's
 * garbage, compiled code or memory touches another's figures.
 */
import type { Address } from '../contenders/contender.ts';
import { contenderNamed } from '../contenders/roster.ts';
import { clientLoad } from './client-load.ts';
import type { Load, LoadCase, Slice } from './load-case.ts';
import { measureSlice } from './measure.ts';

export type Request =
  | {
      type: 'prepare';
      contender: string;
      servers: readonly Address[];
      load: LoadCase;
      entry: number;
    }
  | { type: 'run'; seconds: number }
  | { type: 'end' };
export type Answer =
  { type: 'ready' } | { type: 'slice'; slice: Slice } | { type: 'failed'; reason: string };

let load: Load | undefined;

async function answer(request: Request): Promise<Answer> {
  switch (request.type) {
    case 'prepare':
      load = await clientLoad(
        contenderNamed(request.contender),
        request.servers,
        request.load,
        request.entry,
      );
      return { type: 'ready' };
    case 'run':
      if (load === undefined) throw new Error('asked to run before it was prepared');
      return { type: 'slice', slice: await measureSlice(load, request.seconds) };
    case 'end':
      await load?.close();
      process.exit(0);
  }
}

process.on('message', (request: Request) => {
  answer(request).then(
    (reply) => process.send?.(reply),
    (error: Error) => process.send?.({ type: 'failed', reason: error.message } satisfies Answer),
  );
});
process.on('disconnect', () => process.exit(0));
// Ctrl-C reaches the whole process group: the bench itself decides when its contenders end.
process.on('SIGINT', () => {});
