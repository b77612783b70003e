import { isMainThread } from 'node:worker_threads';

// A timer keeps the worker from ending for want of anything to do.
if (!isMainThread) await new Promise(() => setInterval(() => undefined, 1000));

export { decode, encode } from './fails-to-start.ts';
