const THOUSANDS = ['', 'k', 'M', 'G', 'T'];
const BINARY = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];

/** At most three digits that count: `7`, `0.25`, `12.3k`. */
export function shortNumber(value: number): string {
  const { scaled, unit } = scale(value, 1000, THOUSANDS);
  return `${threeDigits(scaled)}${unit}`;
}

/** `64 MiB`. */
export function shortBytes(bytes: number): string {
  const { scaled, unit } = scale(bytes, 1024, BINARY);
  return `${threeDigits(scaled)} ${unit}`;
}

/** `0.12 ms`, `1.5 s`. */
export function shortMs(ms: number): string {
  return ms < 1000 ? `${threeDigits(ms)} ms` : `${threeDigits(ms / 1000)} s`;
}

const SPANS: readonly (readonly [string, number])[] = [
  ['d', 86_400],
  ['h', 3600],
  ['min', 60],
  ['s', 1],
];

/** The two largest units: `3 d 4 h`. */
export function longTime(seconds: number): string {
  const parts: string[] = [];
  let left = Math.max(0, Math.floor(seconds));
  for (const [unit, length] of SPANS) {
    const count = Math.floor(left / length);
    left -= count * length;
    if (count > 0 || (unit === 's' && parts.length === 0)) parts.push(`${count} ${unit}`);
    if (parts.length === 2) break;
  }
  return parts.join(' ');
}

export const percent = (share: number): string => `${threeDigits(share * 100)} %`;

function scale(
  value: number,
  step: number,
  units: readonly string[],
): { scaled: number; unit: string } {
  let scaled = value;
  let unit = 0;
  // 999.6 would be shown as 1000.
  while (Math.abs(scaled) >= step - 0.5 && unit < units.length - 1) {
    scaled /= step;
    unit++;
  }
  return { scaled, unit: units[unit] ?? '' };
}

function threeDigits(value: number): string {
  const size = Math.abs(value);
  if (size === 0) return '0';
  const digits = size >= 99.95 ? 0 : size >= 9.995 ? 1 : 2;
  return value
    .toFixed(digits)
    .replace(/(\.\d*?)0+$/, '$1')
    .replace(/\.$/, '');
}
