/**
 * Names the method by which `util.inspect` shows an object. To import node:util for its name takes 10 ms from Node.js 22
 * on, for it loads node:worker_threads (`npm run bench -- --scenario import`).
 */
export const INSPECT: unique symbol = Symbol.for('nodejs.util.inspect.custom');
