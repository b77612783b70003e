import { IllegalInputError } from '../errors.ts';
import { kindOf } from '../primitives/kind.ts';

/** A timer of Node's takes no longer. */
export const LONGEST_MS = 2_147_483_647;

export function illegalOption(name: string, problem: string): IllegalInputError {
  return new IllegalInputError('ERR_MEMCACHE_OPTION', `option '${name}' ${problem}`);
}

/** Refuses what is no object, and options that `of` does not have. */
export function checkNames(of: string, options: unknown, names: readonly string[]): void {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw new IllegalInputError(
      'ERR_MEMCACHE_OPTION',
      `${of} takes an object of options; got ${kindOf(options)}`,
    );
  }
  const unknown = Object.keys(options).find((name) => !names.includes(name));
  if (unknown === undefined) return;
  throw new IllegalInputError(
    'ERR_MEMCACHE_OPTION',
    `${of} has no option '${unknown}'; it has ${names.join(', ')}`,
  );
}

export function checkInteger(name: string, value: unknown, min: number, max: number): number {
  if (Number.isInteger(value) && (value as number) >= min && (value as number) <= max) {
    return value as number;
  }
  throw illegalOption(name, `must be an integer from ${min} to ${max}; got ${kindOf(value)}`);
}

export function checkMs(name: string, value: unknown, min: number): number {
  if (Number.isInteger(value) && (value as number) >= min && (value as number) <= LONGEST_MS) {
    return value as number;
  }
  const allowed = `an integer of milliseconds from ${min} to ${LONGEST_MS}`;
  throw illegalOption(name, `must be ${allowed}; got ${kindOf(value)}`);
}

export function checkBoolean(name: string, value: unknown): boolean {
  if (typeof value === 'boolean') return value;
  throw illegalOption(name, `must be true or false; got ${kindOf(value)}`);
}

export function checkText(name: string, value: unknown): string {
  if (typeof value === 'string' && value !== '') return value;
  throw illegalOption(name, `must be a string that is not empty; got ${kindOf(value)}`);
}

/** Words and numbers an option may be; undefined stands for its default. */
export function checkOneOf<Choice>(
  name: string,
  value: Choice,
  choices: readonly Choice[],
): Choice {
  if (choices.includes(value)) return value;
  const allowed = choices
    .filter((choice) => choice !== undefined)
    .map((choice) => (typeof choice === 'string' ? `'${choice}'` : String(choice)))
    .join(' or ');
  throw illegalOption(name, `must be ${allowed}; got ${kindOf(value)}`);
}
