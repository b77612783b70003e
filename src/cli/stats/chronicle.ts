import { type Rates, sumOf } from './sample.ts';
import type { History } from './stats-view.ts';
import type { Reading } from './watch.ts';

/** More than any terminal shows, two to a character. */
const MOST = 1000;

/** What was read, for as long as plots can show it. */
export class Chronicle implements History {
  readonly all: (Rates | undefined)[] = [];
  readonly byServer: Map<string, (Rates | undefined)[]> = new Map();

  add(readings: readonly Reading[]): void {
    const known = readings.flatMap(({ rates }) => (rates === undefined ? [] : [rates]));
    append(this.all, known.length === 0 ? undefined : sumOf(known));
    for (const { server, rates } of readings) {
      const list = this.byServer.get(server) ?? [];
      this.byServer.set(server, list);
      append(list, rates);
    }
  }
}

function append<T>(list: T[], value: T): void {
  list.push(value);
  if (list.length > MOST) list.shift();
}
