/** What is used of node:crypto, which most processes do not need and which takes milliseconds to load. */
type Crypto = typeof import('node:crypto');

let loaded: Crypto | undefined;

/** Loaded at the first call, which cannot wait for `import()`. */
const nodeCrypto = (): Crypto => (loaded ??= process.getBuiltinModule('node:crypto'));

export const createHash: Crypto['createHash'] = (...args) => nodeCrypto().createHash(...args);

export const randomInt = (max: number): number => nodeCrypto().randomInt(max);

export const randomUUID: Crypto['randomUUID'] = (options) => nodeCrypto().randomUUID(options);
