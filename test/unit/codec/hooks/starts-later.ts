import { isMainThread } from 'node:worker_threads';

// In a worker it fails to load as long as the process says so.
if (!isMainThread && process.env['NO_START'] !== undefined) throw new Error('canary');

export { decode, encode } from './moody-codec.ts';
