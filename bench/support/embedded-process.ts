/** The test server as a process: tells its parent where it listens, and ends with it. */
import { startFakeMemcached } from '../../src/testing/fake-memcached.ts';

const server = await startFakeMemcached({ keepRequests: false });
process.on('disconnect', () => process.exit());
process.send?.({ host: '127.0.0.1', port: server.port });
