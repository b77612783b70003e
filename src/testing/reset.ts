import type { Socket } from 'node:net';

/** RST, where there is such a thing: the end of a Unix socket is only an end, and so is one that is under way. */
export function reset(socket: Socket): void {
  // Node 20 would neither reset nor close such a socket, and wait for it without end when the process exits.
  if (socket.writableEnded && !socket.writableFinished) {
    socket.destroy();
    return;
  }
  try {
    socket.resetAndDestroy();
  } catch {
    socket.destroy();
  }
}
