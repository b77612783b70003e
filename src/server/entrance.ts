import { closed, tooLong } from '../connection/losses.ts';
import type { ConnectionOptions } from '../connection/options.ts';
import type { MemcacheError } from '../errors.ts';
import type { Metrics } from '../observability/metrics.ts';
import { afterPromises, OncePerTurn } from '../primitives/once-per-turn.ts';
import { PatientTimer } from '../primitives/patient-timer.ts';
import type { Ticker } from '../primitives/ticker.ts';
import type { Entrant } from './entrants.ts';
import type { Lane } from './lane.ts';
import type { Lanes, LanesLoad } from './lanes.ts';
import type { ServerOptions } from './options.ts';
import { timedOut } from './refusals.ts';
import { WaitingLine } from './waiting-line.ts';

export interface EntranceParts {
  readonly lanes: Lanes;
  readonly options: Pick<ServerOptions, 'whenFull'> & Pick<ConnectionOptions, 'maxQueueMs'>;
  readonly ticker: Ticker;
  readonly metrics: Metrics;
  /** So many operations are turned away, or failed unsent, because too much waits. */
  readonly shed: (error: MemcacheError, operations: number) => void;
  /** A caller is turned away because it is too soon to dial again. */
  readonly tooSoon: () => void;
}

/** The way into the queue of one server: at once while there is room, and as `whenFull` says while there is none. */
export class Entrance {
  readonly #parts: EntranceParts;
  readonly #line: WaitingLine;
  readonly #admission: OncePerTurn = new OncePerTurn(() => this.#admit());
  #handedOver: MemcacheError | undefined;
  /** Those who close it, told when nobody waits any more. */
  readonly #closers: (() => void)[] = [];

  constructor(parts: EntranceParts) {
    const { lanes, options, ticker, metrics, shed } = parts;
    const { name } = lanes;
    this.#parts = parts;
    this.#line = new WaitingLine({
      ticker,
      get maxQueueMs() {
        return options.maxQueueMs;
      },
      late: (verb, callers) => {
        metrics.timeouts += callers;
        return timedOut(verb, name, 'no');
      },
      shed: (callers) => {
        const error = tooLong(name, options.maxQueueMs);
        if (callers > 0) shed(error, callers);
        return error;
      },
      emptied: () => {
        for (const settle of this.#closers) settle();
      },
    });
  }

  /** What its lanes carry, and what waits for room on them. */
  load(): LanesLoad {
    const load = this.#parts.lanes.load();
    const { operations, bytes } = load.queued;
    const { size, bytes: waiting } = this.#line;
    return { ...load, queued: { operations: operations + size, bytes: bytes + waiting } };
  }

  /** Fails the oldest request that has not left; of how many operations it was, 0 if there is none. */
  shedOldest(error: MemcacheError): number {
    const { lanes } = this.#parts;
    return lanes.shedOldest(lanes.laneFor('', 0), error);
  }

  /** Whether a command may be queued on a lane now; otherwise it is to be given to `hold`. */
  admits(lane: Lane): boolean {
    if (this.#line.size > 0 || !this.#parts.lanes.hasRoom(lane)) return false;
    return lane.connection.refusal() === undefined;
  }

  /** Lets an operation in that was not admitted, makes it wait, or fails it. Nobody overtakes those who wait. */
  hold(entrant: Entrant): void {
    if (this.#line.size > 0) this.#wait(entrant);
    else if (!this.#letIn(entrant)) this.#full(entrant);
  }

  /** Something has left: there may be room for those who wait. */
  left(): void {
    if (this.#line.size > 0) this.#admission.request(afterPromises);
  }

  /** Others have the keys of the server: those who would wait for a socket are told so, behind what is queued already. */
  handOver(error: MemcacheError): void {
    if (this.#line.size === 0) return;
    this.#handedOver = error;
    this.left();
  }

  /** Resolves when nobody waits any more, at the latest after `timeoutMs`. */
  async close(timeoutMs: number): Promise<void> {
    if (this.#line.size === 0) return;
    let timer: PatientTimer | undefined;
    await new Promise<void>((settle) => {
      this.#closers.push(settle);
      timer = new PatientTimer(timeoutMs, () => settle());
    });
    timer?.stop();
    this.#line.failAll(closed(this.#parts.lanes.name));
  }

  #admit(): void {
    for (let one = this.#line.first; one !== undefined; one = this.#line.first) {
      if (one.abandoned) this.#dismiss(one);
      else if (!this.#letIn(one)) break;
    }
    this.#handedOver = undefined;
  }

  /** False where there is no room. Who cannot get in at all is told so. */
  #letIn(entrant: Entrant): boolean {
    const { lanes, tooSoon } = this.#parts;
    const lane = lanes.laneFor(entrant.key, entrant.size);
    const refusal =
      lane.connection.refusal() ?? (lane.connection.connected ? undefined : this.#handedOver);
    if (refusal === undefined && !lanes.hasRoom(lane)) return false;
    if (entrant === this.#line.first) this.#line.shift();
    if (refusal === undefined) entrant.enter(lane);
    else {
      if (refusal.code === 'ERR_MEMCACHE_UNAVAILABLE') tooSoon();
      entrant.fail(refusal);
    }
    return true;
  }

  /** Its caller has given up: only its memory is of interest. */
  #dismiss(entrant: Entrant): void {
    this.#line.shift();
    entrant.fail(timedOut(entrant.verb, this.#parts.lanes.name, 'no'));
  }

  #full(entrant: Entrant): void {
    const { lanes, options, shed } = this.#parts;
    if (options.whenFull === 'wait') {
      this.#wait(entrant);
      return;
    }
    const lane = lanes.laneFor(entrant.key, entrant.size);
    const error = lanes.overload(lane);
    if (options.whenFull === 'shed-oldest') {
      while (!lanes.hasRoom(lane) && lanes.shedOldest(lane, error) > 0);
      if (this.#letIn(entrant)) return;
    }
    shed(error, 1);
    entrant.fail(error);
  }

  #wait(entrant: Entrant): void {
    this.#line.add(entrant);
    // Room that came before it did is told to nobody else.
    this.left();
  }
}
