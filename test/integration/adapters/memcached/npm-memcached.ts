import { createRequire } from 'node:module';

/** Anything with the verbs of npm `memcached`. */
export interface CallbackClient {
  end(): void;
  on(event: string, listener: (details: object) => void): unknown;
  readonly [verb: string]: unknown;
}

export type CallbackClientClass = new (servers?: unknown, options?: object) => CallbackClient;

const require = createRequire(import.meta.url);
const requireOfStore = createRequire(require.resolve('connect-memcached'));

/** The real package, which connect-memcached depends on. */
export const NpmMemcached: CallbackClientClass = requireOfStore('memcached') as CallbackClientClass;

/** What a callback was called with. */
export interface Called {
  readonly self: unknown;
  readonly args: readonly unknown[];
}

/** Calls a verb; resolves once it has called back. */
export function called(
  client: CallbackClient,
  verb: string,
  ...args: readonly unknown[]
): Promise<Called> {
  return new Promise((resolve) => {
    const method = client[verb] as (...all: unknown[]) => void;
    method.call(client, ...args, function callback(this: unknown, ...given: unknown[]) {
      // The real package empties some lists once it has called back.
      resolve({ self: this, args: given.map((arg) => (Array.isArray(arg) ? [...arg] : arg)) });
    });
  });
}
