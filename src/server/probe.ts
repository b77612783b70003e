import type { MemcacheError } from '../errors.ts';
import type { AnswerSink } from './sinks.ts';

/** A question of the client's own: a sink for its answer, and the answer. */
export function probeOf<T>(
  timeoutMs: number,
): [waiting: { sink: AnswerSink<T>; tag: number }, answer: Promise<T>] {
  let answered: (answer: T) => void = () => {};
  let failed: (error: MemcacheError) => void = () => {};
  const answer = new Promise<T>((resolve, reject) => {
    answered = resolve;
    failed = reject;
  });
  const sink: AnswerSink<T> = {
    deadline: performance.now() + timeoutMs,
    settled: false,
    sent: 'no',
    answer: (_tag, result) => answered(result),
    fail: (_tag, error) => failed(error),
  };
  return [{ sink, tag: 0 }, answer];
}
