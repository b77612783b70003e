// Run as a process of its own: invalidates a namespace each time it is told to, and says when that is done.
import { createClient } from '../../../src/index.ts';

const [name = '', ...servers] = process.argv.slice(2);
const client = createClient({ servers, timeoutMs: 10_000 });
const namespace = client.namespace(name);

process.on('message', (round) => {
  void namespace.invalidateNamespace().then(() => process.send?.(round));
});
process.on('disconnect', () => {
  void client.close();
});
process.send?.('ready');
