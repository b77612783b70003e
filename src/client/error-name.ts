/** What an error is counted as: its code, else its class. */
export function errorName(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  const { code } = error as { code?: unknown };
  return typeof code === 'string' && code.length <= 64 ? code : error.constructor.name;
}
