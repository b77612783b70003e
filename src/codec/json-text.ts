import { isProxy } from 'node:util/types';
import { cannotStore, decodeError } from './codec-errors.ts';
import { type Limits, unstorable } from './unstorable.ts';

const JSON_LIMITS: Limits = {
  cycles: false,
  refuses: (value) => (typeof value === 'bigint' ? 'a bigint' : undefined),
  standsFor(value) {
    const { toJSON } = value as { toJSON?: unknown };
    return typeof toJSON === 'function' ? (toJSON.call(value) as unknown) : value;
  },
};

/**
 * A value as JSON has it: inside objects, JSON.stringify leaves out functions, symbols and undefined, and writes null for
 * what is no number and `{}` for a Map. To refuse that as well would take a replacer, which doubles the time. What would be
 * lost as a whole is refused, and so are cycles and bigints, which JSON.stringify refuses itself.
 */
export function json(value: unknown): string {
  let text: string | undefined;
  try {
    text = JSON.stringify(value) as string | undefined;
  } catch (error) {
    throw unstorable(value, error, JSON_LIMITS);
  }
  if (text !== undefined && !isLost(text, value)) return text;
  throw cannotStore('JSON keeps nothing of it');
}

/** Numbers without digits and invalid dates are `null`, Maps, Sets and the like `{}`. */
function isLost(text: string, value: unknown): boolean {
  if (text === 'null') return value !== null;
  return text === '{}' && isOpaque(value as object);
}

const isOpaque = (value: object): boolean =>
  Object.prototype.toString.call(value) !== '[object Object]' && !isProxy(value);

export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw decodeError('the stored JSON cannot be read');
  }
}
