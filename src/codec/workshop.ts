import { ArenaPool } from './arena.ts';
import { type CodecMetrics, newCodecMetrics } from './codec-metrics.ts';
import type { CodecOption, ResolvedCodecOptions } from './codec-options.ts';
import type { WorkerSettings } from './shard-messages.ts';
import { SHARDS_PER_WORKER, WorkerPool } from './worker-pool.ts';

/** An arena holds a shard's inputs and its outputs: compressed ones are never larger. */
const ARENA_SHARDS = 2;
/** Arenas beyond those the workers hold: one to fill in each lane, and as many again waiting for a socket. */
const SPARE_ARENAS = 2;

/** What the codecs of one client have in common: workers, the memory shared with them, and the counters. */
export class Workshop {
  readonly metrics: CodecMetrics;
  readonly arenas: ArenaPool;
  readonly pool: WorkerPool;

  constructor(options: ResolvedCodecOptions, metrics: CodecMetrics = newCodecMetrics()) {
    const { workers, maxShardBytes, shardTimeoutMs } = options;
    this.metrics = metrics;
    this.arenas = new ArenaPool(
      maxShardBytes * ARENA_SHARDS,
      2 * (workers * SHARDS_PER_WORKER + SPARE_ARENAS),
    );
    this.pool = new WorkerPool({
      workers,
      shardTimeoutMs,
      settings: settingsOf(options),
      onFailure: () => {
        metrics.workerFailures++;
      },
    });
  }
}

/** What a worker needs of the options. A compressor of the user's own stays on the main thread. */
function settingsOf(options: ResolvedCodecOptions): WorkerSettings {
  const { format, compressor, compressFromBytes, minGain, maxDecompressedBytes, checksum } =
    options;
  return {
    options: {
      format,
      compressor: typeof compressor === 'object' ? 'none' : compressor,
      compressFromBytes,
      minGain,
      maxDecompressedBytes,
      checksum,
    },
    module: moduleOf(options.codec),
  };
}

/** Path or URL of a codec module. */
export function moduleOf(codec: CodecOption | undefined): string | undefined {
  const isModule = typeof codec === 'object' && 'module' in codec;
  return isModule ? String(codec.module) : undefined;
}
