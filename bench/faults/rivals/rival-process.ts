/** The process a client lives in while its server fails: it may crash, hang or spin without harm to anybody else. */
import { setTimeout as pause } from 'node:timers/promises';
import { contenderNamed } from '../../contenders/roster.ts';
import { type Cache, getAndSet } from '../load/asks.ts';
import { Callers } from '../load/callers.ts';
import { type Finding, Ledger } from '../load/ledger.ts';
import { Tally } from '../load/tally.ts';
import { recovery } from '../recovery.ts';

export type Request =
  | { type: 'open'; client: string; port: number; timeoutMs: number; fill: boolean }
  | { type: 'begin' }
  | { type: 'recover' }
  | { type: 'end' };

export type Answer =
  | { type: 'done' }
  | { type: 'recovered'; afterMs: number | undefined }
  | ({ type: 'result' } & Result);

/** What callers of one client saw. */
export interface Result {
  readonly operations: number;
  readonly findings: Readonly<Record<Finding, number>>;
  /** Calls that had not settled after five times the time they were given. */
  readonly hanging: number;
  readonly failed: number;
  /** Rejections and exceptions that nobody could have caught: each ends a process that does not expect it. */
  readonly crashes: number;
}

const CALLERS = 16;
/** A prime, so that every key is read as well as written. */
const KEYS = 101;
const PAUSE_MS = 1;
const HANGING = 5;
const FILL_ATTEMPTS = 20;
const FILL_PAUSE_MS = 100;
/** A run has so many faults for so many clients: what takes longer is not waited for. */
const RECOVERY = { patienceMs: 5000 };

const ledger = new Ledger('rival', KEYS, (index) => 20 + index * 11);
const tally = new Tally();
let crashes = 0;
let client: Cache | undefined;
let callers: Callers | undefined;

process.on('uncaughtException', () => crashes++);
process.on('unhandledRejection', () => crashes++);

async function open({ client: name, port, timeoutMs, fill }: Extract<Request, { type: 'open' }>) {
  const { open: connect } = contenderNamed(name);
  if (connect === undefined) throw new Error('no client');
  const connected = await connect([{ host: '127.0.0.1', port }], 'string', { timeoutMs });
  const cache: Cache = {
    get: async (key) => connected.valueOf(await connected.get(key)),
    set: (key, value) => connected.set(key, value),
  };
  if (fill) for (const key of ledger.keys) await storeFirst(cache, key);
  client = cache;
  callers = new Callers({
    call: (step) => getAndSet({ client: cache, ledger, tally }, step),
    tally,
    count: CALLERS,
    deadlineMs: HANGING * timeoutMs,
    pauseMs: PAUSE_MS,
  });
}

/** Nothing has happened to it yet: what fails now is the fault of a busy machine. */
async function storeFirst(cache: Cache, key: string): Promise<void> {
  const { version, value } = ledger.issue(key);
  for (let attempt = 1; ; attempt++) {
    try {
      await cache.set(key, value);
      ledger.stored(key, version);
      return;
    } catch (error) {
      if (attempt === FILL_ATTEMPTS) throw error;
      await pause(FILL_PAUSE_MS);
    }
  }
}

async function answer(request: Request): Promise<Answer> {
  if (request.type === 'open') {
    await open(request);
    return { type: 'done' };
  }
  if (client === undefined || callers === undefined) throw new Error('asked before it was open');
  switch (request.type) {
    case 'begin':
      callers.start();
      return { type: 'done' };
    case 'recover':
      return { type: 'recovered', afterMs: await recovery(client, performance.now(), RECOVERY) };
    case 'end':
      await callers.stop();
      return { type: 'result', ...result() };
  }
}

function result(): Result {
  const { operations, findings, unanswered, errors } = tally;
  const failed = [...errors.values()].reduce((sum, count) => sum + count, 0);
  return { operations, findings, hanging: unanswered, failed, crashes };
}

process.on('message', (request: Request) => {
  answer(request).then(
    (reply) => process.send?.(reply),
    (error: Error) => process.send?.({ type: 'failed', reason: error.message }),
  );
});
process.on('disconnect', () => process.exit(0));
// Ctrl-C reaches the whole process group: the program itself decides when this ends.
process.on('SIGINT', () => {});
