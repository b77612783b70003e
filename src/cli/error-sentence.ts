import { ManyError, type MemcacheError } from '../errors.ts';
import { EXIT } from './exit-codes.ts';

const UNREACHABLE = ['CONNECT', 'UNAVAILABLE', 'TIMEOUT', 'CONNECTION_LOST'];
const USAGE = ['OPTION', 'KEY', 'VALUE', 'UNSUPPORTED'];

/** Of many errors one speaks for all. */
function firstOf(error: MemcacheError): MemcacheError {
  if (!(error instanceof ManyError)) return error;
  return error.errors.values().next().value ?? error;
}

const isOneOf = (code: string, names: readonly string[]): boolean =>
  names.some((name) => code === `ERR_MEMCACHE_${name}`);

export function exitCodeOf(error: MemcacheError): number {
  const { code } = firstOf(error);
  if (isOneOf(code, UNREACHABLE)) return EXIT.unreachable;
  return isOneOf(code, USAGE) ? EXIT.usage : EXIT.failed;
}

/** What happened and where, in one line. */
export function errorSentence(error: MemcacheError): string {
  const first = firstOf(error);
  const { message, server, cause } = first;
  const said = message.split('\n')[0] ?? message;
  const where = server === undefined || said.includes(server) ? '' : ` (${server})`;
  const why = cause instanceof Error ? causeText(cause, said) : '';
  return `${said}${where}${why === '' ? '' : `: ${why}`}`;
}

/**
 * What the sentence does not say already, by the code of the cause or in its words. A refused connection to a name with
 * several addresses has a message for each, and none of its own.
 */
function causeText(cause: NodeJS.ErrnoException, said: string): string {
  if (said.includes(cause.code ?? cause.message)) return '';
  if (cause instanceof AggregateError && cause.message === '') {
    return cause.errors.map((each: Error) => each.message).join(', ');
  }
  return cause.message.split('\n')[0] ?? '';
}
