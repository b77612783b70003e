/**
 * What kind of thing a value is, in words for an error message; never its content, which may be a
 * secret.
 */
export function kindOf(value: unknown): string {
  switch (typeof value) {
    case 'undefined':
      return 'undefined';
    case 'string':
      return value === '' ? 'an empty string' : 'a string';
    case 'number':
      return kindOfNumber(value);
    case 'object':
      return kindOfObject(value);
    default:
      return `a ${typeof value}`;
  }
}

function kindOfNumber(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return 'Infinity';
  if (!Number.isInteger(value)) return 'a fraction';
  return value < 0 ? 'a negative number' : 'a number';
}

function kindOfObject(value: object | null): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  if (value instanceof Uint8Array) return 'bytes';
  return 'an object';
}
