/** Digits at the beginning of a word, behind white space and a sign, before its end or more white space: as strtol reads it. */
const NUMBER = /^\s*([+-]?)(\d+)(?:\s|$)/;
const TWO_64 = 2n ** 64n;

function read(word: string | undefined): { negative: boolean; amount: bigint } | undefined {
  const found = NUMBER.exec(word ?? '');
  return found === null ? undefined : { negative: found[1] === '-', amount: BigInt(found[2]) };
}

/** What is too large for 32 bits loses those that are too many. */
export function signed32(word: string | undefined): number | undefined {
  const found = read(word);
  if (found === undefined || found.amount >= TWO_64 / 2n) return undefined;
  return Number(BigInt.asIntN(32, found.negative ? -found.amount : found.amount));
}

/** Below 2^64; what is negative only passes where it wraps to less than 2^63. */
export function unsigned64(word: string | undefined): bigint | undefined {
  const found = read(word);
  if (found === undefined || found.amount >= TWO_64) return undefined;
  const value = BigInt.asUintN(64, found.negative ? -found.amount : found.amount);
  return found.negative && value >= TWO_64 / 2n ? undefined : value;
}

/** What is too large for 32 bits loses those that are too many. */
export function unsigned32(word: string | undefined): number | undefined {
  const value = unsigned64(word);
  return value === undefined ? undefined : Number(BigInt.asUintN(32, value));
}
