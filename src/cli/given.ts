import { UsageError } from './usage-error.ts';

/** The words and options of a command line. Its methods throw UsageError for what an option cannot be. */
export class Given {
  readonly words: readonly string[];
  readonly #values: Readonly<Record<string, unknown>>;

  constructor(words: readonly string[], values: Readonly<Record<string, unknown>>) {
    this.words = words;
    this.#values = values;
  }

  has(option: string): boolean {
    return this.#values[option] === true;
  }

  text(option: string): string | undefined {
    const value = this.#values[option];
    return typeof value === 'string' ? value : undefined;
  }

  /** A whole number from `from` to `to`. */
  whole(option: string, from: number, to: number = Number.MAX_SAFE_INTEGER): number | undefined {
    const text = this.text(option);
    return text === undefined ? undefined : wholeNumber(`--${option}`, text, { from, to });
  }

  /** Seconds, or milliseconds with `ms` behind them; answers milliseconds. */
  duration(option: string, fromMs: number): number | undefined {
    const text = this.text(option);
    if (text === undefined) return undefined;
    const [, digits = '', unit = ''] = /^(\d+(?:\.\d+)?)(ms|s)?$/.exec(text) ?? [];
    const ms = Number(digits) * (unit === 'ms' ? 1 : 1000);
    if (digits !== '' && ms >= fromMs) return ms;
    throw new UsageError(
      `--${option} takes seconds such as 2 or 0.5, or milliseconds such as 200ms, from ${fromMs}ms; not '${text}'`,
    );
  }
}

/** `what` is the option or the word that the number is for. */
export function wholeNumber(
  what: string,
  text: string,
  { from, to = Number.MAX_SAFE_INTEGER }: { readonly from: number; readonly to?: number },
): number {
  const value = Number(text);
  if (/^-?\d+$/.test(text) && value >= from && value <= to) return value;
  const range = to === Number.MAX_SAFE_INTEGER ? `from ${from}` : `from ${from} to ${to}`;
  throw new UsageError(`${what} takes a whole number ${range}; not '${text}'`);
}
