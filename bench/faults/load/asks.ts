import { type FleetClient, ManyError, MemcacheError } from '../../../src/index.ts';
import type { Counts } from './counts.ts';
import type { Expected, Finding, Ledger } from './ledger.ts';
import type { Tally } from './tally.ts';

/** What every client has, the rivals too. */
export interface Cache {
  get(key: string): Promise<unknown>;
  set(key: string, value: string): Promise<unknown>;
}

/** Whom is asked, and who keeps the record of it. */
export interface Asked<Client = FleetClient> {
  readonly client: Client;
  readonly ledger: Ledger;
  readonly tally: Tally;
}

interface Counting extends Asked {
  readonly counts: Counts;
}

/** One call, judged; rejects as the call does. */
type Ask = (asked: Counting, step: number) => Promise<void>;

const MANY = 20;
/** Seconds and milliseconds: a winner whose answer was lost must not keep the others longer than a case takes. */
const FETCH = { lock: 1, waitMs: 200 };

async function get(asked: Asked<Cache>, step: number): Promise<void> {
  const { client, ledger, tally } = asked;
  const expected = ledger.expect(ledger.keyAt(step));
  tally.found(ledger.judge(expected, await client.get(expected.key)));
}

async function set(asked: Asked<Cache>, step: number): Promise<void> {
  const { client, ledger } = asked;
  const key = ledger.keyAt(step);
  await storing(ledger, key, (value) => client.set(key, value));
}

/** Three reads to a store. */
export const getAndSet = (asked: Asked<Cache>, step: number): Promise<void> =>
  step % 4 === 0 ? set(asked, step) : get(asked, step);

async function storing(
  ledger: Ledger,
  key: string,
  store: (value: string) => Promise<unknown>,
): Promise<void> {
  const { version, value } = ledger.issue(key);
  try {
    await store(value);
    ledger.stored(key, version);
  } catch (error) {
    if (!(error instanceof MemcacheError) || error.sent !== 'no') ledger.doubt(key);
    throw error;
  }
}

const getMany: Ask = async ({ client, ledger, tally }, step) => {
  const expected = Array.from({ length: MANY }, (_, i) => ledger.expect(ledger.keyAt(step + i)));
  const judge = (values: ReadonlyMap<unknown, unknown>, asked: readonly Expected[]): void => {
    for (const one of asked) tally.found(ledger.judge(one, values.get(one.key)));
  };
  try {
    judge(await client.getMany(expected.map(({ key }) => key)), expected);
  } catch (error) {
    if (!(error instanceof ManyError)) throw error;
    const { values, errors } = error as ManyError;
    judge(
      values,
      expected.filter(({ key }) => !errors.has(key)),
    );
    throw error;
  }
};

const mixed: Ask = (asked, step) => {
  const kind = step % 8;
  if (kind === 0) return set(asked, step);
  if (kind === 1) return getMany(asked, step);
  if (kind === 2) return brief(asked, step);
  return get(asked, step);
};

/** Items that come and go: their verbs answer with a word, that is all there is to judge. */
const brief: Ask = async ({ client, tally }, step) => {
  const key = `brief:${step % 64}`;
  const answers = [client.add(key, 'x'), client.touch(key, 60), client.delete(key)];
  const settled = await Promise.allSettled(answers);
  for (const one of settled) {
    if (one.status === 'rejected') throw one.reason;
    if (typeof one.value !== 'boolean') tally.found('wrong');
  }
};

const meta: Ask = async ({ client, ledger, tally }, step) => {
  const key = ledger.keyAt(step);
  if (step % 4 === 0) {
    await storing(ledger, key, async (value) => {
      const { status } = await client.meta.set(key, value);
      if (status !== 'stored') tally.found('wrong');
    });
    return;
  }
  const expected = ledger.expect(key);
  tally.found(ledger.judge(expected, (await client.meta.get(key))?.value));
};

const incr: Ask = async ({ client, counts, tally }, step) => {
  const key = `count:${step % 16}`;
  const judge = counts.begin(key);
  tally.found(judge(await client.incr(key, 1, { initial: 0 })));
};

const noreply: Ask = async (asked, step) => {
  const { client, ledger } = asked;
  const key = ledger.keyAt(step);
  ledger.doubt(key);
  await client.set(key, ledger.issue(key).value, { noreply: true });
  await get(asked, step);
};

const fetch: Ask = async ({ client, ledger, tally }, step) => {
  const key = ledger.keyAt(step);
  ledger.mayBeGone(key);
  if (step % 8 === 0) await client.delete(key);
  const value = await client.fetch(key, FETCH, async () => ledger.issue(key).value);
  const finding: Finding = value === undefined ? 'wrong' : ledger.judge(ledger.expect(key), value);
  tally.found(finding);
};

/** Callers who lose patience: what they gave up must not become anybody's answer. */
const impatient: Ask = async ({ client, ledger, tally }, step) => {
  const expected = ledger.expect(ledger.keyAt(step));
  const patience = new AbortController();
  const timer = setTimeout(() => patience.abort(), step % 7);
  try {
    const value = await client.get(expected.key, { signal: patience.signal });
    tally.found(ledger.judge(expected, value));
  } finally {
    clearTimeout(timer);
  }
};

export type AskName =
  | 'get'
  | 'getMany'
  | 'set'
  | 'mixed'
  | 'large'
  | 'meta'
  | 'incr'
  | 'noreply'
  | 'fetch'
  | 'impatient';

/** What can be asked, by name; `deadlines`: how many commands after each other a call may take. */
export const ASKS: Readonly<Record<AskName, { readonly call: Ask; readonly deadlines: number }>> = {
  get: { call: get, deadlines: 1 },
  getMany: { call: getMany, deadlines: 1 },
  set: { call: set, deadlines: 1 },
  mixed: { call: mixed, deadlines: 1 },
  large: { call: getAndSet, deadlines: 1 },
  meta: { call: meta, deadlines: 1 },
  incr: { call: incr, deadlines: 1 },
  noreply: { call: noreply, deadlines: 2 },
  fetch: { call: fetch, deadlines: 5 },
  impatient: { call: impatient, deadlines: 1 },
};
