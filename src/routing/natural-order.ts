/** Compares as people sort: runs of digits by the number they are, so that `mc-2` comes before `mc-10`. */
export function naturalOrder(a: string, b: string): number {
  const left = pieces(a);
  const right = pieces(b);
  const count = Math.min(left.length, right.length);
  for (let i = 0; i < count; i++) {
    const order = comparePieces(left[i], right[i]);
    if (order !== 0) return order;
  }
  return left.length === right.length ? compareText(a, b) : left.length - right.length;
}

const pieces = (text: string): string[] => text.match(/\d+|\D+/g) ?? [];

function comparePieces(a: string, b: string): number {
  if (!isDigits(a) || !isDigits(b)) return compareText(a, b);
  const left = a.replace(/^0+/, '');
  const right = b.replace(/^0+/, '');
  return left.length === right.length ? compareText(left, right) : left.length - right.length;
}

const isDigits = (piece: string): boolean => /^\d/.test(piece);

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
