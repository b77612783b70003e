import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import { FleetHandle } from './fleet.ts';
import type { News } from './fleet-process.ts';
import { census, leaked, openSockets, snapshot } from './leaks.ts';
import type { Ledger } from './ledger.ts';
import { SoakLoad } from './load.ts';
import type { SoakOptions } from './options.ts';
import type { Event, SoakRecord } from './record.ts';
import { Sampler } from './sampler.ts';

/** Of a run: after that the trouble ends and what has to heal may. */
const TROUBLE_SHARE = 0.95;
const SHORT_MINUTES = 2;
/** How long one trouble lasts, and the pause before the next; a short run has to see as many kinds as a long one. */
const LONG = { forMs: [500, 3000], restMs: 1500, settleEvery: 10 } as const;
const SHORT = { forMs: [300, 1200], restMs: 400, settleEvery: 2 } as const;
const STOP_PATIENCE_MS = 20_000;
/** Sockets take a moment to be closed. */
const CLOSING_MS = 1000;

/** What a run comes to, and the heap at its end for those who want to see what is left. */
export interface SoakOutcome {
  readonly record: SoakRecord;
  readonly heap: Buffer;
  readonly memcached: string;
}

/** Runs a load over servers in trouble, `report` being told how far it is. */
export async function soak(
  options: SoakOptions,
  report: (line: string) => void,
): Promise<SoakOutcome> {
  const named = (await snapshot()).census;
  const counted = census();
  const socketsBefore = openSockets();
  const { record, memcached } = await underLoad(options, report);
  await pause(CLOSING_MS);
  const socketsAfter = openSockets();
  const left = leaked(counted, census());
  const last = await snapshot();
  const outcome = {
    ...record,
    socketsBefore,
    socketsAfter,
    left,
    named: leaked(named, last.census),
  };
  return { record: outcome, heap: last.text, memcached };
}

type Run = Omit<SoakRecord, 'socketsBefore' | 'socketsAfter' | 'left' | 'named'>;

/** All of the client lives and ends in here: what is still there afterwards has leaked. */
async function underLoad(
  options: SoakOptions,
  report: (line: string) => void,
): Promise<{ record: Run; memcached: string }> {
  const { minutes, seed, callers } = options;
  const seconds = minutes * 60;
  const pace = minutes < SHORT_MINUTES ? SHORT : LONG;
  const events = new Events();
  const fleet = new FleetHandle((news) => events.hear(news));
  const { servers, versions } = await fleet.start(seed);
  const load = new SoakLoad(servers, options);
  const ledger = load.ledger;
  const unwatch = watch(ledger);
  const sampler = new Sampler(ledger, pace.settleEvery);
  events.attend(load, sampler);
  const delay = monitorEventLoopDelay();
  delay.enable();
  load.start(callers);
  sampler.start();
  fleet.go(pace.forMs, pace.restMs);
  const ticking = setInterval(() => report(progress(sampler, ledger, seconds)), 1000);
  await pause(seconds * TROUBLE_SHARE * 1000);
  await fleet.calm();
  await pause(Math.max(0, seconds - sampler.now) * 1000);
  sampler.stop();
  clearInterval(ticking);
  delay.disable();
  await load.stop(STOP_PATIENCE_MS);
  await fleet.end();
  unwatch();
  return {
    memcached: versions,
    record: {
      seed,
      seconds: sampler.samples.at(-1)?.at ?? 0,
      samples: sampler.samples,
      events: events.list,
      operations: ledger.operations,
      byVerb: Object.fromEntries(ledger.byVerb),
      errors: Object.fromEntries(ledger.errors),
      faulty: ledger.faulty,
      examples: ledger.examples,
      latest: ledger.latest,
      blockedMs: delay.max / 1e6,
      visitors: load.visitors,
    },
  };
}

function progress(sampler: Sampler, ledger: Ledger, seconds: number): string {
  const { wrong, unanswered, unhandled, foreign } = ledger.faulty;
  const rss = sampler.samples.at(-1)?.rssMiB ?? 0;
  return [
    `${Math.round(sampler.now)} of ${Math.round(seconds)} s`,
    `${ledger.operations} calls`,
    `RSS ${rss.toFixed(0)} MiB`,
    `${wrong} wrong, ${unanswered} unanswered, ${unhandled + foreign} unhandled`,
  ].join(', ');
}

/** Nothing a client does may end up here. Returns what takes the watch away again. */
function watch(ledger: Ledger): () => void {
  const count = (error: unknown): void => ledger.unhandled(error);
  process.on('unhandledRejection', count).on('uncaughtException', count);
  return () => process.off('unhandledRejection', count).off('uncaughtException', count);
}

/** What happens to the servers, as their process tells it. */
class Events {
  readonly list: Event[] = [];
  readonly #begun = new Map<string, number>();
  #load: SoakLoad | undefined;
  #sampler: Sampler | undefined;

  attend(load: SoakLoad, sampler: Sampler): void {
    this.#load = load;
    this.#sampler = sampler;
  }

  hear(news: News): void {
    const now = this.#sampler?.now ?? 0;
    if (news.type === 'servers') {
      this.list.push({ name: 'other servers', from: now, to: now });
      void this.#load?.moveTo(news.servers);
    } else if (news.type === 'mischief' && news.begins) this.#begun.set(news.name, now);
    else if (news.type === 'mischief') {
      this.list.push({ name: news.name, from: this.#begun.get(news.name) ?? now, to: now });
    } else if (news.type === 'failed') throw new Error(`the servers failed: ${news.reason}`);
  }
}
