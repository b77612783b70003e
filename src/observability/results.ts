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

type Family = 'read' | 'store' | 'change' | 'other';

const FAMILIES: ReadonlyMap<string, Family> = new Map<string, Family>([
  ...['get', 'gets', 'getAndTouch', 'inspect', 'meta.get', 'meta.debug'].map(of('read')),
  ...['getMany', 'getsMany', 'getValues', 'getAndTouchMany', 'inspectMany'].map(of('read')),
  ...['set', 'add', 'replace', 'append', 'prepend', 'cas', 'setMany'].map(of('store')),
  ...['meta.set', 'meta.arithmetic'].map(of('store')),
  ...['delete', 'deleteMany', 'touch', 'invalidate', 'meta.delete'].map(of('change')),
  ...['incr', 'decr'].map(of('read')),
]);

function of(family: Family): (verb: string) => [string, Family] {
  return (verb) => [verb, family];
}

/** What an operation's answer says of it; `size` is how many keys it was about. */
export function resultOf(command: string, answer: unknown, size: number): OperationResult {
  switch (FAMILIES.get(command)) {
    case 'read':
      return readResult(answer, size, command);
    case 'store':
      return storeResult(answer);
    case 'change':
      return changeResult(answer);
    default:
      return 'ok';
  }
}

function readResult(answer: unknown, size: number, command: string): OperationResult {
  if (answer === undefined) return 'miss';
  if (command.endsWith('Many')) return ofSome((answer as Map<unknown, unknown>).size, size);
  if (command !== 'getValues') return 'hit';
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
