import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { decodeFromCompressedBase64, type Histogram, HistogramLogWriter } from 'hdr-histogram-js';
import { newLatencies } from '../load/latencies.ts';

/** Nanoseconds were recorded, milliseconds are written. */
const UNIT = 1e6;
const TICKS_PER_HALF_DISTANCE = 5;

/** The latencies of all points, for the tools that read HdrHistogram's formats: `.hgrm` for plotters, `.hlog` for logs. */
export class Histograms {
  readonly #points = new Map<string, string[]>();

  /** A slice of a point, encoded as HdrHistogram does. */
  keep(point: string, encoded: string): void {
    const slices = this.#points.get(point);
    if (slices === undefined) this.#points.set(point, [encoded]);
    else slices.push(encoded);
  }

  /** The point turned out to say nothing. */
  drop(point: string): void {
    this.#points.delete(point);
  }

  /**
   * Two files for each point, in a directory named after the file of the figures: all slices in one distribution, and
   * slice by slice. Answers where, or undefined if nothing was kept.
   */
  write(jsonPath: string): string | undefined {
    if (this.#points.size === 0) return undefined;
    const folder = jsonPath.replace(/(\.json)?$/, '-histograms');
    mkdirSync(folder, { recursive: true });
    for (const [point, encoded] of this.#points) {
      const slices = encoded.map((text) => decodeFromCompressedBase64(text));
      const path = join(folder, point.toLowerCase().replaceAll(/[^a-z\d]+/g, '-'));
      writeFileSync(`${path}.hgrm`, plotterText(slices));
      writeFileSync(`${path}.hlog`, logText(point, slices));
    }
    return folder;
  }
}

function plotterText(slices: readonly Histogram[]): string {
  const all = newLatencies();
  for (const slice of slices) all.add(slice);
  return all.outputPercentileDistribution(TICKS_PER_HALF_DISTANCE, UNIT);
}

/** An interval is a slice: they are numbered, for what lies between two of them belongs to others. */
function logText(point: string, slices: readonly Histogram[]): string {
  const lines: string[] = [];
  const log = new HistogramLogWriter((line) => lines.push(line));
  log.outputLogFormatVersion();
  log.outputComment(`[${point}; an interval is a slice]`);
  log.outputLegend();
  for (const [round, slice] of slices.entries())
    log.outputIntervalHistogram(slice, round, round + 1, UNIT);
  return lines.join('');
}
