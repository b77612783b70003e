import type { Random } from '../support/random.ts';

/** How a number comes out: of bytes, or of keys. Whole, and the same for the same random numbers. */
export type Distribution = (random: Random) => number;

/** 0 and 1 excluded: what follows divides by it and takes its logarithm. */
const inside = (random: Random): number => (random.bits() + 0.5) / 2 ** 24;

export const exactly =
  (value: number): Distribution =>
  () =>
    value;

/** Draws are rounded, and those outside are moved to the nearer end. */
export function within(least: number, most: number, draw: Distribution): Distribution {
  return (random) => Math.min(most, Math.max(least, Math.round(draw(random))));
}

/** One of several, each with its share; the last one has what the others leave. */
export function oneOf(
  ...parts: readonly (readonly [share: number, draw: Distribution])[]
): Distribution {
  return (random) => {
    let left = random.share();
    const chosen = parts.find(([share]) => (left -= share) < 0) ?? parts[parts.length - 1];
    return chosen[1](random);
  };
}

/** Half of the numbers are below the median; 68 % lie within a factor of e^sigma of it. */
export function logNormal(median: number, sigma: number): Distribution {
  return (random) => {
    const radius = Math.sqrt(-2 * Math.log(inside(random)));
    return median * Math.exp(sigma * radius * Math.cos(2 * Math.PI * random.share()));
  };
}

/** Generalized Pareto. */
export function pareto(location: number, scale: number, shape: number): Distribution {
  return (random) => location + (scale * (inside(random) ** -shape - 1)) / shape;
}

/** Generalized extreme value. */
export function extremeValue(location: number, scale: number, shape: number): Distribution {
  return (random) => location + (scale * ((-Math.log(inside(random))) ** -shape - 1)) / shape;
}

export function weibull(scale: number, shape: number): Distribution {
  return (random) => scale * (-Math.log(inside(random))) ** (1 / shape);
}
