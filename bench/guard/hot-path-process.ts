/** A process in which the hot paths of the tree it lies in are measured, once: what was compiled for one run is not another's. */
import type { Address } from '../contenders/contender.ts';
import { timeCase } from '../micro/measure.ts';
import { answerMessages } from '../support/answer-messages.ts';
import { HOT_PATHS } from './hot-paths.ts';

export interface Request {
  readonly server: Address;
  readonly milliseconds: number;
}

/** Nanoseconds per operation, or why there are none. */
export type Times = Readonly<Record<string, number | string>>;

export interface Answer {
  readonly type: 'times';
  readonly times: Times;
}

async function timesOf({ server, milliseconds }: Request): Promise<Times> {
  const times: Record<string, number | string> = {};
  for (const { name, make } of HOT_PATHS) {
    try {
      times[name] = await timeCase(await make(server), milliseconds);
    } catch (error) {
      times[name] = (error as Error).message.split('\n')[0];
    }
  }
  return times;
}

answerMessages<Request, Answer>(async (request) => ({
  type: 'times',
  times: await timesOf(request),
}));
