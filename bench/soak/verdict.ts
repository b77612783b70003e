import type { Census } from './leaks.ts';
import type { Sample, SoakRecord } from './record.ts';
import { median, trendOf } from './trend.ts';

/** One thing a run is judged by. */
export interface Verdict {
  readonly what: string;
  readonly holds: boolean;
  readonly found: string;
}

/** A measure that must not grow, and what counts as noise: so much, or that share of its median, if more. */
interface Measure {
  readonly what: string;
  readonly of: (sample: Sample) => number | undefined;
  readonly noise: number;
  readonly noiseShare: number;
}

/** Caches fill, workers start and code is compiled at first: only this part at the end of a run is judged. */
const JUDGED_SHARE = 0.5;
/** Of fewer samples no trend is known. */
const FEWEST_SAMPLES = 5;

const MEASURES: readonly Measure[] = [
  { what: 'RSS', of: ({ rssMiB }) => rssMiB, noise: 16, noiseShare: 0.05 },
  {
    what: 'heap after collection',
    of: ({ settled }) => settled?.heapMiB,
    noise: 4,
    noiseShare: 0.05,
  },
  {
    what: 'array buffers after collection',
    of: ({ settled }) => settled?.arrayBuffersMiB,
    noise: 8,
    noiseShare: 0.05,
  },
  {
    // A few clients come and go at any moment, each with some for every server.
    what: 'number of sockets',
    of: ({ sockets }) => sockets,
    noise: 24,
    noiseShare: 0.5,
  },
];

/**
 * Whether a measure grows: the least growth that its trend allows (Theil and Sen's, with 95 % confidence) over the
 * judged part of the run is more than noise.
 */
function growth(measure: Measure, samples: readonly Sample[]): Verdict {
  const from = (samples.at(-1)?.at ?? 0) * (1 - JUDGED_SHARE);
  const points = samples.flatMap((sample) => {
    const value = measure.of(sample);
    return value === undefined || sample.at < from ? [] : [[sample.at, value] as const];
  });
  const what = `${measure.what} does not grow`;
  if (points.length < FEWEST_SAMPLES) {
    return { what, holds: false, found: `${points.length} samples say nothing` };
  }
  const seconds = (points.at(-1)?.[0] ?? 0) - points[0][0];
  const { slope, least } = trendOf(points);
  const middle = median(points.map(([, value]) => value));
  const noise = Math.max(measure.noise, measure.noiseShare * middle);
  const unit = measure.what === 'number of sockets' ? '' : ' MiB';
  const found = [
    `${middle.toFixed(1)}${unit}`,
    `${signed(slope * seconds)}${unit} in ${Math.round(seconds)} s (at least ${signed(least * seconds)})`,
    `noise ${noise.toFixed(1)}${unit}`,
  ].join(', ');
  return { what, holds: least * seconds <= noise, found };
}

const signed = (value: number): string => `${value < 0 ? '' : '+'}${value.toFixed(2)}`;

function none(what: string, count: number): Verdict {
  return { what, holds: count === 0, found: String(count) };
}

function nobody(what: string, census: Census): Verdict {
  const found = Object.entries(census).map(([name, count]) => `${count} ${name}`);
  return { what, holds: found.length === 0, found: found.join(', ') || 'none' };
}

/** Everything a run has to hold, in the order it is told. */
export function judge(record: SoakRecord): Verdict[] {
  const { faulty, samples, left, named, socketsBefore, socketsAfter } = record;
  return [
    none('no wrong value', faulty.wrong),
    none('no call without an answer', faulty.unanswered),
    none('nothing unhandled', faulty.unhandled),
    none("no error but the client's own", faulty.foreign),
    ...MEASURES.map((measure) => growth(measure, samples)),
    {
      what: 'sockets are back to where they began',
      holds: socketsAfter <= socketsBefore,
      found: `${socketsBefore} before, ${socketsAfter} after`,
    },
    nobody('no connection is left in the heap', left),
    nobody('a heap snapshot names none, either', named),
  ];
}
