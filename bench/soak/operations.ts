import { setTimeout as pause } from 'node:timers/promises';
import type { FleetClient, Key, Namespace } from '../../src/index.ts';
import type { Random } from '../support/random.ts';
import type { Ledger } from './ledger.ts';
import type { FamilyName, Stock } from './stock.ts';

/** What a step works with. */
export interface Scene {
  readonly client: FleetClient;
  readonly view: Namespace;
  readonly stock: Stock;
  readonly ledger: Ledger;
  /** How much each counter has been told to count, by whatever way that ended. */
  readonly counted: Map<string, number>;
}

/** One thing a caller does. Rejects as the client does. */
export interface Step {
  readonly verb: string;
  /** How often, beside the others. */
  readonly weight: number;
  /** Calls of the client one after the other: each has a deadline of its own. */
  readonly calls: number;
  run(scene: Scene, random: Random): Promise<void>;
}

const MANY_KEYS = 20;
const BURST = 24;
const COUNTERS = 30;
const LOADS_MS = 10;
/** Values of a `fetch` are old after that, so loaders go on being called. */
const FETCH = { ttl: 2, staleFor: 5, lock: 1, waitMs: 500 };

function check(scene: Scene, verb: string, family: FamilyName, key: Key, value: unknown): void {
  if (value === undefined || scene.stock.isOf(family, String(key), value)) return;
  scene.ledger.wrong(verb, `a value of ${family} is not one of its key`);
}

const drawKey = ({ stock }: Scene, family: FamilyName, random: Random): string =>
  stock.key(family, random.bits());

const drawKeys = (scene: Scene, family: FamilyName, random: Random, count: number): string[] => [
  ...new Set(Array.from({ length: count }, () => drawKey(scene, family, random))),
];

const readOf = (family: FamilyName, verb: string, weight: number): Step => ({
  verb,
  weight,
  calls: 1,
  async run(scene, random) {
    const key = drawKey(scene, family, random);
    check(scene, verb, family, key, await scene.client.get(key));
  },
});

const storeOf = (family: FamilyName, verb: string, weight: number): Step => ({
  verb,
  weight,
  calls: 1,
  async run(scene, random) {
    const key = drawKey(scene, family, random);
    await scene.client.set(key, scene.stock.next(family, key));
  },
});

const getMany: Step = {
  verb: 'getMany',
  weight: 10,
  calls: 1,
  async run(scene, random) {
    const keys = drawKeys(scene, 'small', random, MANY_KEYS);
    const found = await scene.client.getMany(keys);
    for (const [key, value] of found) check(scene, 'getMany', 'small', key, value);
  },
};

/** A burst, so that the workers have something to do. */
const setMany: Step = {
  verb: 'setMany of records',
  weight: 2,
  calls: 1,
  async run(scene, random) {
    const keys = drawKeys(scene, 'record', random, BURST);
    await scene.client.setMany(keys.map((key) => [key, scene.stock.next('record', key)] as const));
  },
};

const noreply: Step = {
  verb: 'set without an answer',
  weight: 5,
  calls: 1,
  async run(scene, random) {
    const key = drawKey(scene, 'small', random);
    await scene.client.set(key, scene.stock.next('small', key), { noreply: true });
  },
};

const cas: Step = {
  verb: 'gets, cas',
  weight: 3,
  calls: 2,
  async run(scene, random) {
    const key = drawKey(scene, 'small', random);
    const found = await scene.client.gets(key);
    if (found === undefined) return;
    check(scene, 'gets', 'small', key, found.value);
    await scene.client.cas(key, scene.stock.next('small', key), found.cas);
  },
};

const remove: Step = {
  verb: 'delete',
  weight: 3,
  calls: 1,
  async run(scene, random) {
    await scene.client.delete(drawKey(scene, 'small', random));
  },
};

const touch: Step = {
  verb: 'getAndTouch',
  weight: 2,
  calls: 1,
  async run(scene, random) {
    const key = drawKey(scene, 'small', random);
    check(scene, 'getAndTouch', 'small', key, await scene.client.getAndTouch(key, 600));
  },
};

/** A step counted twice shows where no other was lost. */
const count: Step = {
  verb: 'incr',
  weight: 5,
  calls: 1,
  async run({ client, counted, ledger }, random) {
    const key = `counter:${random.below(COUNTERS)}`;
    counted.set(key, (counted.get(key) ?? 0) + 1);
    // Nothing is answered where a counter was lost between the two commands that it takes to make one.
    const now = (await client.incr(key, 1, { initial: 0 })) ?? 0;
    if (!(now >= 0 && now <= (counted.get(key) ?? 0)))
      ledger.wrong('incr', 'a counter has counted more than it was told');
  },
};

const load: Step = {
  verb: 'fetch',
  weight: 6,
  calls: 6,
  async run(scene, random) {
    const key = drawKey(scene, 'loaded', random);
    const value = await scene.client.fetch(key, FETCH, async () => {
      await pause(random.below(LOADS_MS));
      return scene.stock.next('loaded', key);
    });
    check(scene, 'fetch', 'loaded', key, value);
  },
};

/** In a namespace, now and then emptied. */
const inView: Step = {
  verb: 'in a namespace',
  weight: 6,
  calls: 2,
  async run(scene, random) {
    const key = drawKey(scene, 'ofView', random);
    const chance = random.below(100);
    if (chance === 0) await scene.view.invalidateNamespace();
    else if (chance < 40) await scene.view.set(key, scene.stock.next('ofView', key));
    else check(scene, 'get in a namespace', 'ofView', key, await scene.view.get(key));
  },
};

/** Somebody who loses patience, at any moment of the call. */
const aborted: Step = {
  verb: 'get, aborted',
  weight: 3,
  calls: 1,
  async run(scene, random) {
    const key = drawKey(scene, random.below(4) === 0 ? 'large' : 'small', random);
    const family = key.startsWith('large') ? 'large' : 'small';
    const signal = AbortSignal.timeout(random.below(4));
    check(scene, 'get', family, key, await scene.client.get(key, { signal }));
  },
};

const impatient: Step = {
  verb: 'get within 2 ms',
  weight: 2,
  calls: 1,
  async run(scene, random) {
    const key = drawKey(scene, 'small', random);
    check(scene, 'get', 'small', key, await scene.client.get(key, { timeoutMs: 2 }));
  },
};

/** What a busy service asks of its cache, and some of what it should not. */
export const STEPS: readonly Step[] = [
  readOf('small', 'get', 40),
  storeOf('small', 'set', 10),
  getMany,
  readOf('record', 'get of records', 4),
  storeOf('record', 'set of records', 1),
  setMany,
  readOf('large', 'get of large values', 2),
  storeOf('large', 'set of large values', 1),
  noreply,
  cas,
  remove,
  touch,
  count,
  load,
  inView,
  aborted,
  impatient,
];
