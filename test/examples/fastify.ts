// Fastify: the same store of sessions, and a cache in front of a handler.
import cookie from '@fastify/cookie';
import session from '@fastify/session';
import fastify from 'fastify';
import { createClient } from 'memvolley';
import { MemvolleyStore } from 'memvolley/express-session';

declare module 'fastify' {
  interface Session {
    visits?: number;
  }
}

const cache = createClient({
  servers: process.env['MEMCACHE_SERVERS'] ?? '127.0.0.1:11211',
  timeoutMs: Number(process.env['CACHE_TIMEOUT_MS'] ?? 200),
});

const app = fastify({ forceCloseConnections: 'idle' });
await app.register(cookie);
await app.register(session, {
  store: new MemvolleyStore(cache),
  secret: process.env['SESSION_SECRET'] ?? 'at least thirty-two characters long',
  cookie: { secure: false, maxAge: 3_600_000 }, // `secure: true` behind TLS
  saveUninitialized: false,
});

app.get('/visits', (request) => {
  const visits = (request.session.visits ?? 0) + 1;
  request.session.visits = visits;
  return { visits };
});

app.get<{ Params: { city: string } }>('/weather/:city', ({ params: { city } }) =>
  cache.fetch(`weather:${city}`, { ttl: 60 }, () => ({ city, at: new Date().toISOString() })),
);

// Fastify closes what it was given last first: requests are answered before the cache goes.
app.addHook('onClose', () => cache.close());
await app.listen({ port: Number(process.env['PORT'] ?? 3000), host: '127.0.0.1' });
console.log('listening');

process.once('SIGTERM', () => void app.close());
