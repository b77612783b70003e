import { type Address, hostPort } from '../contenders/contender.ts';
import { expect, type MicroCase } from '../micro/micro-case.ts';

/** What every operation goes through. */
export interface HotPath {
  readonly name: string;
  /** Imports what it drives only here: an older tree may not have it, and then lacks this one path. */
  make(server: Address): Promise<MicroCase>;
}

export const HOT_PATHS: readonly HotPath[] = [
  { name: 'ask', make: async () => (await import('../micro/writer.ts')).ask() },
  { name: 'answer', make: async () => (await import('../micro/parser.ts')).parseAnswer() },
  { name: 'store', make: async () => (await import('../micro/writer.ts')).store() },
  { name: 'get', make: getsFrom },
];

const CALLERS = 512;
const VALUE = 'v'.repeat(100);

async function getsFrom(server: Address): Promise<MicroCase> {
  const { createClient } = await import('../../src/index.ts');
  const client = createClient({ servers: [hostPort(server)], timeoutMs: 10_000 });
  const keys = Array.from({ length: CALLERS }, (_, index) => `guard:${1000 + index}`);
  await Promise.all(keys.map((key, index) => client.set(key, `${index}:${VALUE}`)));
  const run = (): Promise<unknown[]> => Promise.all(keys.map((key) => client.get(key)));
  const values = await run();
  expect(
    values.every((value, index) => value === `${index}:${VALUE}`),
    'a value',
  );
  return { name: `${CALLERS} gets at once from a server, per get`, operations: CALLERS, run };
}
