// AWS ElastiCache with encryption in transit: the configuration endpoint names the nodes, and every node's certificate
// has to be for the name it is known by.
import { readFileSync } from 'node:fs';
import { createClient, elasticache } from 'memvolley';

const endpoint = process.env['CACHE_ENDPOINT'] ?? 'my-cluster.cfg.use1.cache.amazonaws.com:11211';
/** Amazon's certificates are of an authority that Node.js knows; elsewhere it has to be named. */
const authority = process.env['CACHE_CA_FILE'];

const cache = createClient({
  discovery: elasticache({ endpoint, pollMs: 60_000 }),
  tls: authority === undefined ? true : { ca: readFileSync(authority) },
  discoveryLimits: {
    // Nobody else's servers are believed, whatever the endpoint says.
    allow: [process.env['CACHE_DOMAIN'] ?? '.cache.amazonaws.com'],
    // A cluster on this machine is one of a test.
    allowLocal: process.env['CACHE_IS_LOCAL'] === 'yes',
  },
});
cache.on('topology', ({ servers }) => console.log(`servers: ${servers.join(', ')}`));
cache.on('discovery', ({ error, kept }) => console.error(`${error.message}; kept ${kept.length}`));

await cache.set('user:1', { name: 'Ada' }, { ttl: 300 });
console.log(await cache.get('user:1'));

await cache.close();
