import { isBase64, type WireKey } from '../protocol/key.ts';
import { metaDelete, metaTouch } from '../protocol/meta-requests.ts';
import { type AnswerCommand, type Asked, LineCommand } from './answer-command.ts';
import { type CountStep, MetaCount } from './meta-count.ts';
import {
  DELETED,
  done,
  META_DELETED,
  META_TOUCHED,
  newCount,
  saidVersion,
  TOUCHED,
} from './one-line-answers.ts';

/** Whether there was an item to remove. */
export function deleteOf(key: WireKey, asked: Asked<boolean>): AnswerCommand<boolean> {
  return isBase64(key)
    ? new LineCommand({ verb: 'delete', key, text: metaDelete(key) }, META_DELETED, asked)
    : new LineCommand({ verb: 'delete', key, text: `delete ${key}` }, DELETED, asked);
}

/** Whether there was an item to give a new exptime. */
export function touchOf(
  key: WireKey,
  exptime: number,
  asked: Asked<boolean>,
): AnswerCommand<boolean> {
  return isBase64(key)
    ? new LineCommand({ verb: 'touch', key, text: metaTouch(key, exptime) }, META_TOUCHED, asked)
    : new LineCommand({ verb: 'touch', key, text: `touch ${key} ${exptime}` }, TOUCHED, asked);
}

/** The new value, or undefined where there is no such key. */
export function countOf(
  step: CountStep,
  asked: Asked<bigint | undefined>,
): AnswerCommand<bigint | undefined> {
  const { verb, key, delta } = step;
  if (isBase64(key)) return new MetaCount(step, asked);
  return new LineCommand({ verb, key, text: `${verb} ${key} ${delta}` }, newCount, asked);
}

export const versionOf = (asked: Asked<string>): AnswerCommand<string> =>
  new LineCommand({ verb: 'version', key: '', text: 'version' }, saidVersion, asked);

/** Forgets every item, now or after some seconds. */
export function flushOf(delaySeconds: number, asked: Asked<true>): AnswerCommand<true> {
  const text = delaySeconds === 0 ? 'flush_all' : `flush_all ${delaySeconds}`;
  return new LineCommand({ verb: 'flush_all', key: '', text }, done, asked);
}

export const verbosityOf = (level: number, asked: Asked<true>): AnswerCommand<true> =>
  new LineCommand({ verb: 'verbosity', key: '', text: `verbosity ${level}` }, done, asked);
