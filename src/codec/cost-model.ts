/** What is assumed until it is measured. */
export interface CostPriors {
  readonly inlineNsPerByte: number;
  readonly poolNsPerShard: number;
  readonly poolNsPerByte: number;
}

/** Shards are told apart by the power of two of their size: a shard's fixed price weighs less on a larger one. */
const SIZE_CLASSES = 32;
/**
 * No measurement moves an estimate by more than this part, however far off it is: time in which this thread was not
 * running, or collected garbage, says nothing about either way. The first few may, as they replace a guess.
 */
const STEP = 1 / 16;
/** The dearer way is tried again so seldom that trying costs this part of the time. */
const PROBE_BUDGET = 0.02;
const LEAST_PROBE_INTERVAL = 16;
const MOST_PROBE_INTERVAL = 4096;

/** Learns what a shard costs the main thread inline and through the pool, in ns per byte, and says which is less. */
export class CostModel {
  readonly #inline = new Float64Array(SIZE_CLASSES);
  readonly #pool = new Float64Array(SIZE_CLASSES);
  readonly #inlineSeen = new Int32Array(SIZE_CLASSES);
  readonly #poolSeen = new Int32Array(SIZE_CLASSES);
  readonly #untilProbe = new Int32Array(SIZE_CLASSES).fill(LEAST_PROBE_INTERVAL);

  constructor(priors: CostPriors) {
    this.#inline.fill(priors.inlineNsPerByte);
    for (let size = 0; size < SIZE_CLASSES; size++) {
      this.#pool[size] = priors.poolNsPerByte + priors.poolNsPerShard / (1.5 * 2 ** size);
    }
  }

  poolIsCheaper(bytes: number): boolean {
    const size = sizeClass(bytes);
    return this.#pool[size] < this.#inline[size];
  }

  /** As `poolIsCheaper`, except that the dearer way gets a turn now and then, lest its price be remembered wrong. */
  choosePool(bytes: number): boolean {
    const cheaper = this.poolIsCheaper(bytes);
    const size = sizeClass(bytes);
    if (--this.#untilProbe[size] > 0) return cheaper;
    this.#untilProbe[size] = this.#probeInterval(size);
    return !cheaper;
  }

  recordInline(bytes: number, ns: number): void {
    const size = sizeClass(bytes);
    this.#inline[size] = moved(this.#inline[size], ns / bytes, this.#inlineSeen[size]++);
  }

  recordPool(bytes: number, ns: number): void {
    const size = sizeClass(bytes);
    this.#pool[size] = moved(this.#pool[size], ns / bytes, this.#poolSeen[size]++);
  }

  #probeInterval(size: number): number {
    const [less, more] = [this.#inline[size], this.#pool[size]].toSorted((a, b) => a - b);
    const interval = Math.ceil((more / less - 1) / PROBE_BUDGET);
    return Math.min(MOST_PROBE_INTERVAL, Math.max(LEAST_PROBE_INTERVAL, interval));
  }
}

function sizeClass(bytes: number): number {
  return 31 - Math.clz32(bytes | 1);
}

function moved(estimate: number, measured: number, seen: number): number {
  const most = 1 + Math.max(STEP, 1 / (1 + seen));
  return Math.min(estimate * most, Math.max(estimate / most, measured));
}
