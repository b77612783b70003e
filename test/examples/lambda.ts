// AWS Lambda: the process is frozen between two invocations, for seconds or for hours. Its clock jumps, and connections
// that were idle may be gone when it goes on. The client is made once, outside of the handler; after a freeze it asks a
// connection for a sign of life before it trusts it with a call.
import { createClient } from 'memvolley';

const cache = createClient({
  servers: process.env['MEMCACHE_SERVERS'] ?? '127.0.0.1:11211',
  timeoutMs: Number(process.env['CACHE_TIMEOUT_MS'] ?? 500), // a part of the time the function has
  unref: true, // an idle connection keeps no invocation from its end
});

interface Invocation {
  readonly user: string;
}

interface Answer {
  readonly visits: number;
  readonly name: string;
}

/** What a database would be asked for. */
const load = async (key: string): Promise<string> => `name of ${key}`;

export async function handler({ user }: Invocation): Promise<Answer> {
  const [visits, name] = await Promise.all([
    cache.incr(`visits:${user}`, 1, { initial: 0 }),
    cache.fetch(`name:${user}`, { ttl: 300, staleFor: 60 }, load),
  ]);
  return { visits: visits ?? 0, name };
}
