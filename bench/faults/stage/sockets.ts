import { setTimeout as pause } from 'node:timers/promises';

const PATIENCE_MS = 1000;
const LOOK_MS = 10;

/** TCP sockets of this process that keep it alive. */
export const openSockets = (): number =>
  process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length;

/** How many more there are than before, once those that are closing have had the time for it. */
export async function socketsBeyond(before: number): Promise<number> {
  const giveUp = performance.now() + PATIENCE_MS;
  while (openSockets() > before && performance.now() < giveUp) await pause(LOOK_MS);
  return Math.max(0, openSockets() - before);
}
