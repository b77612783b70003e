import { once } from 'node:events';
import { createConnection } from 'node:net';

/** Arguments of a server that refuses to store what it has no memory for, instead of forgetting other items. */
export const NO_EVICTION: readonly string[] = ['-M', '-o', 'slab_automove=0'];

/** Values of these sizes fill every class of slabs in which small items lie. */
const SIZES = [1, 30, 60, 90, 120, 150];
const FULL = 'SERVER_ERROR out of memory storing object\r\n';
const TOGETHER = 500;

let number = 0;

/** Fills a server's memory with small items until it takes no more of any size. */
export async function fillMemory({ port }: { port: number }): Promise<void> {
  const socket = createConnection({ host: '127.0.0.1', port });
  await once(socket, 'connect');
  let reply = '';
  socket.setEncoding('latin1').on('data', (text: string) => {
    reply += text;
  });
  for (const size of SIZES) {
    // So many at first, until one is refused: what is left then takes one by one.
    do {
      reply = '';
      let request = '';
      for (let i = 0; i < TOGETHER; i++)
        request += `add fill:${number++} 0 0 ${size}\r\n${'x'.repeat(size)}\r\n`;
      socket.write(request);
      while (reply.split('\n').length <= TOGETHER) await once(socket, 'data');
    } while (!reply.endsWith(FULL));
  }
  socket.destroy();
}
