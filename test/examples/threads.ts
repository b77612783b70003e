// Worker threads: each has a client of its own. Connections and volleys belong to a thread; what threads share is
// memcached itself, so a value that one has loaded is there for all.
import { isMainThread, threadId, Worker } from 'node:worker_threads';
import { createClient } from 'memvolley';

const THREADS = 4;

/** Dear enough that it should be done once, whoever needs it. */
async function report(): Promise<{ madeBy: number; rows: number[] }> {
  await cache.incr('reports', 1, { initial: 0 });
  await new Promise((resolve) => setTimeout(resolve, 50));
  return { madeBy: threadId, rows: [1, 2, 3] };
}

const cache = createClient(process.env['MEMCACHE_SERVERS'] ?? '127.0.0.1:11211');

if (isMainThread) {
  await cache.set('reports', 0);
  const threads = Array.from({ length: THREADS }, () => new Worker(new URL(import.meta.url)));
  await Promise.all(
    threads.map((thread) => new Promise((resolve) => thread.once('exit', resolve))),
  );
  const visits = await cache.get<number>('visits');
  const reports = await cache.get<number>('reports');
  console.log(`${THREADS} threads, ${visits} visits, ${reports} report`);
} else {
  await cache.incr('visits', 1, { initial: 0 });
  await cache.fetch('report', { ttl: 60 }, report);
}

// Before the thread ends: what is under way is answered.
await cache.close();
