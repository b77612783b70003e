import { connect } from 'node:net';
import { endpointOf } from '../../src/testing/endpoint.ts';

/** For a machine that pauses. */
const PATIENCE_MS = 20_000;

/** What a server says to these bytes on a connection of their own, until it ends that. */
export function sayTo(address: string, bytes: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(endpointOf(address, 'address'));
    let said = '';
    socket.setEncoding('latin1');
    socket.setTimeout(PATIENCE_MS, () =>
      socket.destroy(new Error(`silent after ${said.length} bytes`)),
    );
    socket.on('data', (text) => {
      said += String(text);
    });
    socket.on('error', reject);
    socket.on('close', () => {
      resolve(said);
    });
    socket.end(Buffer.from(`${bytes}quit\r\n`, 'latin1'));
  });
}
