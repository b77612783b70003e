/**
 * The process one contender lives in. It answers each request in turn and is quiet in between; so no client's
 * garbage, compiled code or memory touches another's figures.
 */
import { contenderNamed } from '../contenders/roster.ts';
import { serviceLoad } from '../service/service-load.ts';
import { answerMessages } from '../support/answer-messages.ts';
import type { Assignment } from './assignment.ts';
import { clientLoad } from './client-load.ts';
import type { Load, Slice } from './load-case.ts';
import { measureSlice, type SliceRequest } from './measure.ts';

export type Request =
  | ({ type: 'prepare'; contender: string } & Assignment)
  | ({ type: 'run' } & SliceRequest)
  | { type: 'end' };
export type Answer = { type: 'ready' } | { type: 'slice'; slice: Slice };

let load: Load | undefined;

async function prepared(request: Extract<Request, { type: 'prepare' }>): Promise<Load> {
  const prepare = request.load.operation === 'service' ? serviceLoad : clientLoad;
  return prepare(contenderNamed(request.contender), request);
}

async function answer(request: Request): Promise<Answer> {
  switch (request.type) {
    case 'prepare':
      load = await prepared(request);
      return { type: 'ready' };
    case 'run':
      if (load === undefined) throw new Error('asked to run before it was prepared');
      return { type: 'slice', slice: await measureSlice(load, request) };
    case 'end':
      await load?.close();
      process.exit(0);
  }
}

answerMessages(answer);
