/**
 * What came of an operation that did not fail.
 * - `hit`, `miss`: whether there was an item, for verbs that read, remove, touch or count.
 * - `partial`: some of the keys of a `…Many` were hits and some were not; of a key that is read twice, one is not.
 * - `stored`, `not stored`, `exists`, `missing`: what became of a value, the last two for a `cas`.
 * - `sent`: it has left, with `noreply`.
 * - `ok`: everything else.
 */
export type OperationResult =
  'hit' | 'miss' | 'partial' | 'stored' | 'not stored' | 'exists' | 'missing' | 'sent' | 'ok';

/** What an operation's answer says of it; `size` is how many keys it was about. */
export type ReadResult = (answer: unknown, size: number) => OperationResult;

const READERS: ReadonlyMap<string, ReadResult> = new Map<string, ReadResult>([
  ...['get', 'gets', 'getAndTouch', 'inspect', 'meta.get', 'meta.debug'].map(by(oneResult)),
  ...['incr', 'decr'].map(by(oneResult)),
  ...['getMany', 'getsMany', 'getAndTouchMany', 'inspectMany'].map(by(mapResult)),
  ...['getValues'].map(by(arrayResult)),
  ...['set', 'add', 'replace', 'append', 'prepend', 'cas', 'setMany'].map(by(storeResult)),
  ...['meta.set', 'meta.arithmetic'].map(by(storeResult)),
  ...['delete', 'deleteMany', 'touch', 'invalidate', 'meta.delete'].map(by(changeResult)),
]);

function by(read: ReadResult): (verb: string) => [string, ReadResult] {
  return (verb) => [verb, read];
}

/** Reads the results of a verb. */
export function resultReader(command: string): ReadResult {
  return READERS.get(command) ?? ok;
}

function ok(): OperationResult {
  return 'ok';
}

function oneResult(answer: unknown): OperationResult {
  return answer === undefined ? 'miss' : 'hit';
}

function mapResult(answer: unknown, size: number): OperationResult {
  return answer === undefined ? 'miss' : ofSome((answer as Map<unknown, unknown>).size, size);
}

function arrayResult(answer: unknown, size: number): OperationResult {
  let hits = 0;
  for (const value of answer as unknown[]) if (value !== undefined) hits++;
  return ofSome(hits, size);
}

function storeResult(answer: unknown): OperationResult {
  if (answer === undefined) return 'sent';
  if (answer === true) return 'stored';
  if (answer === false) return 'not stored';
  const status = typeof answer === 'string' ? answer : (answer as { status: string }).status;
  return status as OperationResult;
}

function changeResult(answer: unknown): OperationResult {
  if (answer instanceof Map) {
    let hits = 0;
    let sent = 0;
    for (const had of answer.values()) {
      if (had === true) hits++;
      if (had === undefined) sent++;
    }
    return sent > 0 ? 'sent' : ofSome(hits, answer.size);
  }
  if (answer === undefined) return 'sent';
  if (answer === 'exists') return 'exists';
  return answer === true || answer === 'deleted' ? 'hit' : 'miss';
}

function ofSome(hits: number, size: number): OperationResult {
  if (hits === 0) return 'miss';
  return hits < size ? 'partial' : 'hit';
}
