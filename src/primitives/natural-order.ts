/**
 * Orders text as people do, `cache-9` before `cache-10`, the same on every machine whatever its
 * locale: for Array.sort.
 */
export function naturally(a: string, b: string): number {
  const [left, right] = [pieces(a), pieces(b)];
  const shorter = Math.min(left.length, right.length);
  for (let i = 0; i < shorter; i++) {
    const order = comparePieces(left[i], right[i]);
    if (order !== 0) return order;
  }
  return left.length === right.length ? compare(a, b) : left.length - right.length;
}

function pieces(text: string): string[] {
  return text.match(/\d+|\D+/g) ?? [];
}

/** Numbers of any length by their value. */
function comparePieces(a: string, b: string): number {
  if (!/^\d/.test(a) || !/^\d/.test(b)) return compare(a, b);
  const [left, right] = [a.replace(/^0+/, ''), b.replace(/^0+/, '')];
  return left.length === right.length ? compare(left, right) : left.length - right.length;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
