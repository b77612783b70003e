import { setTimeout as pause } from 'node:timers/promises';

/** How much longer a fault stays when it has not struck yet: on a busy machine little may pass meanwhile. */
const PATIENCE_MS = 4000;
const LOOK_MS = 20;

/** Leaves a fault where it is for that long, and until it has struck. */
export async function hold(ms: number, hasStruck: () => boolean): Promise<void> {
  await pause(ms);
  const giveUp = performance.now() + PATIENCE_MS;
  while (!hasStruck() && performance.now() < giveUp) await pause(LOOK_MS);
}
