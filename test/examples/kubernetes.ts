// Kubernetes: a headless service (`clusterIP: None`) in front of a StatefulSet of memcached has one A record for each
// pod that is ready. Pods that come and go change the list; keys of the others stay where they are.
import { createClient, dns } from 'memvolley';

const nameservers = process.env['NAMESERVERS']?.split(',');

const cache = createClient({
  discovery: dns({
    host: process.env['CACHE_HOST'] ?? 'memcached.default.svc.cluster.local',
    port: Number(process.env['CACHE_PORT'] ?? 11211),
    pollMs: Number(process.env['CACHE_POLL_MS'] ?? 10_000),
    ...(nameservers === undefined ? {} : { nameservers }),
  }),
  discoveryLimits: {
    allow: [process.env['CACHE_NETWORK'] ?? '10.0.0.0/8'],
    // Pods on this machine's own loopback are those of a test.
    allowLocal: process.env['CACHE_IS_LOCAL'] === 'yes',
  },
  timeoutMs: Number(process.env['CACHE_TIMEOUT_MS'] ?? 500),
  onError: 'miss', // a pod that is being replaced costs misses
  movedGraceMs: 10_000, // a key that moved is looked for once where it was
});
cache.on('topology', ({ servers }) => console.log(`${servers.length} pods: ${servers.join(', ')}`));
cache.on('health', ({ server, state }) => console.log(`${server} is ${state}`));

const beat = setInterval(
  () => void cache.set('beat', new Date(), { ttl: 60 }).catch(() => {}),
  1000,
);
await cache.set('greeting', 'hello');
console.log(await cache.get('greeting'));

// Kubernetes says SIGTERM some time before it kills.
process.once('SIGTERM', () => {
  clearInterval(beat);
  void cache.close().then(() => console.log('closed'));
});
