import { type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { end, start } from '../support/processes.ts';
import type { News, Order } from './fleet-process.ts';

const PROGRAM = join(import.meta.dirname, 'fleet-process.js');
/** The longest mischief, with servers that take their time to start. */
const PATIENCE_MS = 60_000;

type Told<T extends News['type']> = Extract<News, { type: T }>;

/** This side of the process that has the servers. */
export class FleetHandle {
  readonly #child: ChildProcess;

  /** `hear` is told everything that process says. */
  constructor(hear: (news: News) => void) {
    this.#child = start(process.execPath, [PROGRAM], {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    this.#child.on('message', hear);
  }

  start(seed: number): Promise<Told<'started'>> {
    return this.#ask({ type: 'start', seed }, 'started');
  }

  go(forMs: readonly [number, number], restMs: number): void {
    this.#child.send({ type: 'go', forMs, restMs } satisfies Order);
  }

  async calm(): Promise<void> {
    await this.#ask({ type: 'calm' }, 'calm');
  }

  async end(): Promise<void> {
    await end(this.#child);
  }

  #ask<T extends News['type']>(order: Order, awaited: T): Promise<Told<T>> {
    const child = this.#child;
    return new Promise((resolve, reject) => {
      const settle = (outcome: () => void): void => {
        clearTimeout(timer);
        child.off('message', hear).off('exit', fail);
        outcome();
      };
      const fail = (): void =>
        settle(() => reject(new Error('the process of the servers is gone, or silent')));
      const timer = setTimeout(fail, PATIENCE_MS);
      const hear = (news: News): void => {
        if (news.type === 'failed') settle(() => reject(new Error(news.reason)));
        else if (news.type === awaited) settle(() => resolve(news as Told<T>));
      };
      child.on('message', hear).once('exit', fail);
      child.send(order);
    });
  }
}
