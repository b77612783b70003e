import type { MemcacheError } from '../errors.ts';
import { PatientTimer } from '../primitives/patient-timer.ts';
import { TICK_MS } from '../primitives/ticker.ts';
import type { AnswerSink } from './sinks.ts';

type Probe<T> = [waiting: { sink: AnswerSink<T>; tag: number }, answer: Promise<T>];

/** A question of the client's own: a sink for its answer, and the answer. */
export function probeOf<T>(timeoutMs: number): Probe<T> {
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

/** The same for a question on which a server depends: pauses of this process are none of its silence. */
export function patientProbeOf<T>(timeoutMs: number): Probe<T> {
  const [{ sink, tag }, answer] = probeOf<T>(timeoutMs);
  const { deadline } = sink;
  let over = false;
  const timer = new PatientTimer(timeoutMs, () => {
    over = true;
  }).unref();
  const patient: AnswerSink<T> = {
    // Looked at when it is reached: while there is time left, that is later than now.
    get deadline() {
      return over ? deadline : Math.max(deadline, performance.now() + TICK_MS);
    },
    settled: false,
    sent: 'no',
    own: true,
    answer: (own, result) => {
      timer.stop();
      sink.answer(own, result);
    },
    fail: (own, error) => {
      timer.stop();
      sink.fail(own, error);
    },
  };
  return [{ sink: patient, tag }, answer];
}
