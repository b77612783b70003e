/*
 * Run as a process of its own, with little memory: asks more of a server that never answers than it can take, all at
 * once. Its argument is a task; prints what became of the calls.
 */
import { createClient, type ClientOptions } from '../../../src/index.ts';

export interface QueueTask {
  readonly servers: string;
  readonly whenFull: NonNullable<ClientOptions['whenFull']>;
  /** Operations the client takes on; undefined for its default. */
  readonly maxPending?: number;
  readonly calls: number;
  /** Of the values that are stored; with 0 keys are read. */
  readonly valueBytes: number;
}

export interface QueueReport {
  /** How many calls ended in which way: the code and `sent` of an error, or `answered`. */
  readonly outcomes: Readonly<Record<string, number>>;
  /** Milliseconds from the first call until the last one was settled. */
  readonly settledMs: number;
  /** What the client says is left afterwards. */
  readonly pending: number;
  readonly shed: number;
}

const task = JSON.parse(process.argv[2]) as QueueTask;
const outcomes: Record<string, number> = {};
const count = (outcome: string): void => {
  outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
};

const client = createClient({
  servers: task.servers,
  whenFull: task.whenFull,
  maxPending: { operations: task.maxPending },
  timeoutMs: 1500,
  compressor: 'none',
});

/** Each value is memory of its own until it is settled. */
const ask = (i: number): Promise<unknown> =>
  task.valueBytes === 0
    ? client.get(`key:${i}`)
    : client.set(`key:${i}`, Buffer.alloc(task.valueBytes, i));

await client.connect();
const began = performance.now();
await new Promise<void>((done) => {
  let open = task.calls;
  const settled = (outcome: string): void => {
    count(outcome);
    if (--open === 0) done();
  };
  for (let i = 0; i < task.calls; i++)
    ask(i).then(
      () => settled('answered'),
      ({ code, sent }: { code: string; sent: string }) => settled(`${code} ${sent}`),
    );
});
const report: QueueReport = {
  outcomes,
  settledMs: performance.now() - began,
  pending: client.metrics().pending.operations,
  shed: client.metrics().shed,
};
process.stdout.write(JSON.stringify(report));
await client.close({ timeoutMs: 0 });
