const LARGEST = 2n ** 64n - 1n;

/** Whether it is a token as `gets` answers it: text of decimal digits, of a number of 64 bits. */
export const isCasToken = (token: unknown): token is string =>
  typeof token === 'string' && /^\d{1,20}$/.test(token) && BigInt(token) <= LARGEST;
