// Run as a process of its own: it has to end by itself. Its arguments are what it does and the address of a server.
import { createClient } from '../../../src/index.ts';

const [what, servers = ''] = process.argv.slice(2);

async function closes(): Promise<void> {
  const client = createClient({ servers, offload: 'always', workers: 1 });
  await client.set('a', { text: 'x'.repeat(10_000) });
  await client.get('a');
  await client.close();
}

/** Node 20 ends a process in which a worker is ended while it loads its module: once through the moments of that. */
async function closesWhileWorkersLoad(): Promise<void> {
  for (let i = 0; i < 20; i++) {
    const client = createClient({ servers, offload: 'always', workers: 2 });
    const stored = client.set('a', { text: 'x'.repeat(10_000) }).catch(() => {});
    await new Promise((resolve) => setTimeout(resolve, 20 + ((i * 7) % 120)));
    await client.close({ timeoutMs: 0 });
    await stored;
  }
}

async function closesWhileWaiting(): Promise<void> {
  const client = createClient({ servers });
  await client.connect();
  client.get('never answered').catch(() => {});
  await client.close({ timeoutMs: 50 });
}

async function letsGo(): Promise<void> {
  const client = createClient({ servers, unref: true });
  await client.set('a', 1);
}

async function workerPoolToo(): Promise<void> {
  const client = createClient({ servers, unref: true, offload: 'always', workers: 1 });
  for (let i = 0; i < 400 && client.metrics().codec.encodedInPool === 0; i++) {
    await client.set('a', { text: 'x'.repeat(10_000) });
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** The server is not there. */
async function givesUp(): Promise<void> {
  const client = createClient({ servers: '127.0.0.1:1', unref: true });
  await client.get('a').catch(() => {});
}

async function neverUsed(): Promise<void> {
  createClient({ servers });
}

const PROGRAMS: Record<string, () => Promise<void>> = {
  closes,
  closesWhileWaiting,
  closesWhileWorkersLoad,
  letsGo,
  workerPoolToo,
  givesUp,
  neverUsed,
};

await PROGRAMS[what]();
process.stdout.write('done');
