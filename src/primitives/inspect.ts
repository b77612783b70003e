/**
 * Names the method by which `util.inspect` shows an object. To import node:util for its name takes 10 to 15 ms in
 * Node.js 22 to 26, where that loads node:worker_threads.
 */
export const INSPECT: unique symbol = Symbol.for('nodejs.util.inspect.custom');
