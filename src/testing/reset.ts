import type { Socket } from 'node:net';

/** RST, where there is such a thing: the end of a Unix socket is only an end. */
export function reset(socket: Socket): void {
  try {
    socket.resetAndDestroy();
  } catch {
    socket.destroy();
  }
}
