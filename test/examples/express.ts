// Express: sessions in memcached, and answers of a slow query that many ask for, by one client.
import express from 'express';
import session from 'express-session';
import { createClient } from 'memvolley';
import { MemvolleyStore } from 'memvolley/express-session';

declare module 'express-session' {
  interface SessionData {
    user?: string;
  }
}

interface Product {
  readonly id: string;
  readonly queries: number;
}

const cache = createClient({
  servers: process.env['MEMCACHE_SERVERS'] ?? '127.0.0.1:11211',
  timeoutMs: Number(process.env['CACHE_TIMEOUT_MS'] ?? 200),
});

let queries = 0;
/** What a database takes its time for. */
async function queryProduct(id: string): Promise<Product> {
  await new Promise((resolve) => setTimeout(resolve, 50));
  return { id, queries: ++queries };
}

const app = express();
app.use(
  session({
    store: new MemvolleyStore(cache),
    secret: process.env['SESSION_SECRET'] ?? 'not a secret',
    resave: false, // `touch` keeps sessions alive without storing them again
    saveUninitialized: false,
    cookie: { maxAge: 3_600_000 },
  }),
);

app.post('/login/:user', (request, response) => {
  request.session.user = request.params.user;
  response.sendStatus(204);
});

app.get('/me', (request, response) => {
  response.json({ user: request.session.user ?? null });
});

app.post('/logout', (request, response) => {
  request.session.destroy(() => response.sendStatus(204));
});

// One of all who ask at once queries, in all processes; for a minute after the ttl the old answer is given meanwhile.
app.get('/products/:id', (request, response, next) => {
  const { id } = request.params;
  cache
    .fetch(`product:${id}`, { ttl: 60, staleFor: 60 }, () => queryProduct(id))
    .then((product) => response.json(product), next);
});

const server = app.listen(Number(process.env['PORT'] ?? 3000), '127.0.0.1', () => {
  console.log('listening');
});

process.once('SIGTERM', () => {
  server.close(() => void cache.close());
  server.closeIdleConnections();
});
