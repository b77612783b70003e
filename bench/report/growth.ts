import type { Growth } from './figure.ts';
import { ratioOf, roundOff, spreadOf, spreadText } from './spread.ts';
import type { Table } from './table.ts';
import type { Verdict } from './verdict.ts';

/** How costs were measured as there was more and more of something. */
export interface Measured {
  /** What there is more of, such as `keys of a call`. */
  readonly over: string;
  /** What the costs are of, such as `key`. */
  readonly of: string;
  /** What grows where that is more than one of those, such as `call`: it costs so many times as much. */
  readonly whole?: string;
  /** From the least to the most. */
  readonly points: readonly GrowthPoint[];
}

interface GrowthPoint {
  readonly x: number;
  readonly label: string;
  /** Microseconds, for each round. None where it did not run. */
  readonly rounds: readonly number[];
}

/** From one point to the next. 1: a tenth more of x costs a tenth more. */
interface Step {
  readonly from: GrowthPoint;
  readonly to: GrowthPoint;
  /** For each round. */
  readonly slopes: readonly number[];
}

const wholeOf = ({ x, rounds }: GrowthPoint, { whole }: Measured): number[] =>
  rounds.map((cost) => (whole === undefined ? cost : cost * x));

/** Slopes of the logarithm of the cost over the logarithm of x. */
export function stepsOf(measured: Measured): Step[] {
  const { points } = measured;
  return points.slice(1).map((to, i) => {
    const from = points[i];
    const [under, over] = [from, to].map((point) => wholeOf(point, measured));
    const rounds = Math.min(under.length, over.length);
    const slopes = Array.from(
      { length: rounds },
      (_, round) => Math.log(over[round] / under[round]) / Math.log(to.x / from.x),
    );
    return { from, to, slopes };
  });
}

const DOUBT = 0.05;

/**
 * The least that the middle of such figures can be, with 95 % confidence: that of the sign test, which asks nothing of
 * how they are distributed. Undefined of fewer than five, which cannot be so sure.
 */
export function leastMiddle(figures: readonly number[]): number | undefined {
  let chance = 0.5 ** figures.length;
  let sum = 0;
  let below = 0;
  for (; below < figures.length && sum + chance <= DOUBT; below++) {
    sum += chance;
    chance *= (figures.length - below) / (below + 1);
  }
  return below === 0 ? undefined : figures.toSorted((a, b) => a - b)[below - 1];
}

export function growthTable(title: string, measured: Measured, notes: readonly string[]): Table {
  const { over, of, whole, points } = measured;
  const [first] = points;
  const steps = stepsOf(measured);
  const rowOf = (point: GrowthPoint, i: number): string[] => {
    const { rounds, label } = point;
    if (rounds.length === 0) return [label, '-'];
    const cost = wholeOf(point, measured);
    const grown =
      i === 0 || first.rounds.length === 0
        ? '1'
        : spreadText(ratioOf(cost, wholeOf(first, measured)), 'x');
    const slopes = i === 0 ? [] : steps[i - 1].slopes;
    return [
      label,
      spreadText(spreadOf(rounds)),
      ...(whole === undefined ? [] : [roundOff(spreadOf(cost).median)]),
      grown,
      slopes.length === 0 ? '' : spreadText(spreadOf(slopes)),
    ];
  };
  return {
    title,
    head: [
      over,
      `CPU us/${of}`,
      ...(whole === undefined ? [] : [`CPU us/${whole}`]),
      'times the first',
      'slope of the step',
    ],
    rows: points.map(rowOf),
    notes,
  };
}

export function growthFigure(measured: Measured, label: string): Growth {
  const points = measured.points
    .filter(({ rounds }) => rounds.length > 0)
    .map(({ x, rounds }) => [x, spreadOf(rounds).median] as const);
  return {
    kind: 'growth',
    title: `CPU per ${measured.of}`,
    unit: ' us',
    over: measured.over,
    series: points.length > 0 ? [{ label, ours: true, points }] : [],
  };
}

/** No step may be steeper than linear: held against the least slope that its rounds allow, for noise goes both ways. */
export function linearVerdict(measured: Measured): Verdict {
  const steps = stepsOf(measured).map((step) => ({ ...step, least: leastMiddle(step.slopes) }));
  const known = steps.flatMap(({ least, ...step }) =>
    least === undefined ? [] : [{ least, ...step }],
  );
  const steepest = known.toSorted((a, b) => b.least - a.least).at(0);
  const all = known.length === steps.length;
  const where = steepest === undefined ? '' : ` (${steepest.from.label} to ${steepest.to.label})`;
  return {
    target: `CPU per ${measured.whole ?? measured.of} over ${measured.over}: slope of the steepest step${where}, at the low end of its 95 % interval`,
    against: 'linear',
    required: { atMost: 1 },
    unit: '',
    measured:
      all && steepest !== undefined
        ? { ...spreadOf(steepest.slopes), median: steepest.least }
        : undefined,
  };
}
