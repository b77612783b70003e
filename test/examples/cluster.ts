// Several processes on one port: each has a client of its own, and closes it when it is told to go.
import cluster from 'node:cluster';
import { createServer } from 'node:http';
import { createClient } from 'memvolley';

const PROCESSES = 2;
const port = Number(process.env['PORT'] ?? 3000);

if (cluster.isPrimary) {
  // The primary serves nobody and needs no client.
  for (let count = 0; count < PROCESSES; count++) cluster.fork();
  let listening = 0;
  cluster.on('listening', () => {
    if (++listening === PROCESSES) console.log(`${PROCESSES} processes listen on ${port}`);
  });
  process.once('SIGTERM', () => {
    for (const worker of Object.values(cluster.workers ?? {})) worker?.process.kill('SIGTERM');
  });
} else {
  const cache = createClient({
    servers: process.env['MEMCACHE_SERVERS'] ?? '127.0.0.1:11211',
    timeoutMs: Number(process.env['CACHE_TIMEOUT_MS'] ?? 200),
    onError: 'miss', // a page without its cache is slow, not broken
  });

  const server = createServer((_request, response) => {
    void cache
      .incr('visits', 1, { initial: 0 })
      .then((visits) => response.end(JSON.stringify({ visits, pid: process.pid })))
      .catch(() => response.end(JSON.stringify({ pid: process.pid })));
  });
  server.listen(port, '127.0.0.1');

  process.once('SIGTERM', () => {
    // First those who ask, then what they ask for; the channel to the primary keeps no process alive after that.
    server.close(() => void cache.close().then(() => cluster.worker?.disconnect()));
  });
}
