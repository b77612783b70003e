import type { ClientOptions } from '../../src/index.ts';
import type { LoadCase } from '../load/load-case.ts';

/** An option with the values that are tried beside its default, and what it is tried with. */
export interface Setting {
  readonly option: keyof ClientOptions;
  readonly values: readonly unknown[];
  readonly loads: readonly LoadCase[];
}

const small = { size: 100, kind: 'string' } as const;

export const COMMANDS: readonly LoadCase[] = [
  { ...small, operation: 'get', concurrency: 512 },
  { ...small, operation: 'set', concurrency: 512 },
  { ...small, operation: 'getMany', concurrency: 16 },
];

/** What workers are there for: objects that are packed and compressed. */
const OBJECTS: readonly LoadCase[] = [
  { operation: 'set', size: 10_000, kind: 'object', concurrency: 64 },
  { operation: 'get', size: 10_000, kind: 'object', concurrency: 64 },
];

export const SETTINGS: readonly Setting[] = [
  { option: 'volleyKeys', values: [50, 200, 400], loads: COMMANDS },
  { option: 'volleyBytes', values: [4096, 65_536], loads: COMMANDS },
  { option: 'flush', values: ['tick', 'poll'], loads: COMMANDS },
  { option: 'connections', values: [2, 4], loads: COMMANDS },
  { option: 'readBufferBytes', values: [32_768, 65_536, 262_144], loads: COMMANDS },
  {
    option: 'maxInFlight',
    values: [{ operations: 1024 }, { operations: 16_384 }],
    loads: COMMANDS,
  },
  { option: 'offload', values: ['never', 'always'], loads: OBJECTS },
  { option: 'offloadFromBytes', values: [4096, 16_384], loads: OBJECTS },
  { option: 'workers', values: [1, 2, 4], loads: OBJECTS },
];
