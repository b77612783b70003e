import { onAbort } from '../primitives/on-abort.ts';
import { aborted } from './abort-watch.ts';

/** What a caller waits for that others wait for as well: aborted, it rejects for this one alone. */
export function unlessAborted<T>(answer: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return answer;
  return new Promise<T>((resolve, reject) => {
    const giveUp = (): void => reject(aborted(signal.reason, 'yes'));
    const leave = onAbort(signal, giveUp);
    answer.then(
      (value) => {
        leave();
        resolve(value);
      },
      (error: unknown) => {
        leave();
        reject(error);
      },
    );
    if (signal.aborted) giveUp();
  });
}
