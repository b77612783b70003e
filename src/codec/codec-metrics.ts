/** Plain counters since the start. */
export interface CodecMetrics {
  /** Values that this thread encoded. */
  encodedInline: number;
  /** Values that workers encoded. */
  encodedInPool: number;
  /** Items that this thread decoded. */
  decodedInline: number;
  /** Items that workers decoded. */
  decodedInPool: number;
  /** Shards a worker answered. */
  shards: number;
  /** Crashes, exits, hangs and failed starts; each ended all workers. */
  workerFailures: number;
}

export function newCodecMetrics(): CodecMetrics {
  return {
    encodedInline: 0,
    encodedInPool: 0,
    decodedInline: 0,
    decodedInPool: 0,
    shards: 0,
    workerFailures: 0,
  };
}
