import { type AnswerCommand, type Asked, LineCommand } from './answer-command.ts';
import { done, saidVersion } from './one-line-answers.ts';

export const versionOf = (asked: Asked<string>): AnswerCommand<string> =>
  new LineCommand({ verb: 'version', key: '', text: 'version' }, saidVersion, asked);

/** Forgets every item, now or after some seconds. */
export function flushOf(delaySeconds: number, asked: Asked<true>): AnswerCommand<true> {
  const text = delaySeconds === 0 ? 'flush_all' : `flush_all ${delaySeconds}`;
  return new LineCommand({ verb: 'flush_all', key: '', text }, done, asked);
}

export const verbosityOf = (level: number, asked: Asked<true>): AnswerCommand<true> =>
  new LineCommand({ verb: 'verbosity', key: '', text: `verbosity ${level}` }, done, asked);
