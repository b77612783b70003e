import { type FleetClient, MemcacheError } from '../index.ts';
import { errorSentence } from './error-sentence.ts';

/** Round trips to one server, in milliseconds and ascending. */
export interface PingResult {
  readonly sent: number;
  readonly times: readonly number[];
  /** Why it stopped before all were sent. */
  readonly error: string | undefined;
}

/** One after the other; the first, which dials, is not counted. A failure ends it. */
export async function pingServer(
  client: FleetClient,
  count: number,
  between?: () => Promise<unknown>,
): Promise<PingResult> {
  const times: number[] = [];
  let sent = 0;
  try {
    await client.version();
    while (sent < count) {
      if (sent > 0) await between?.();
      sent++;
      const begin = performance.now();
      await client.version();
      times.push(performance.now() - begin);
    }
    return { sent, times: times.toSorted((a, b) => a - b), error: undefined };
  } catch (error) {
    if (!(error instanceof MemcacheError)) throw error;
    const sorted = times.toSorted((a, b) => a - b);
    return { sent: Math.max(sent, 1), times: sorted, error: errorSentence(error) };
  }
}

/** The value that so many hundredths are not above. */
export function percentile(ascending: readonly number[], hundredths: number): number | undefined {
  const rank = Math.ceil((hundredths / 100) * ascending.length);
  return ascending[Math.max(0, rank - 1)];
}

/** What is told of round trips; undefined where none came back. */
export interface PingSummary {
  readonly sent: number;
  readonly answers: number;
  readonly minMs: number | undefined;
  readonly p50Ms: number | undefined;
  readonly p90Ms: number | undefined;
  readonly p99Ms: number | undefined;
  readonly maxMs: number | undefined;
  readonly error: string | undefined;
}

export function summaryOf({ sent, times, error }: PingResult): PingSummary {
  const at = (hundredths: number): number | undefined => {
    const value = percentile(times, hundredths);
    return value === undefined ? undefined : Number(value.toFixed(4));
  };
  return {
    sent,
    answers: times.length,
    minMs: at(0),
    p50Ms: at(50),
    p90Ms: at(90),
    p99Ms: at(99),
    maxMs: at(100),
    error,
  };
}
