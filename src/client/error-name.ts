/** What an error is counted as: its code, else its class. */
export function errorName(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  const { code, constructor } = error as { code?: unknown; constructor?: unknown };
  if (typeof code === 'string' && code.length <= 64) return code;
  return typeof constructor === 'function' ? constructor.name : 'Error';
}
