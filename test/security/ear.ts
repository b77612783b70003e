import assert from 'node:assert/strict';
import { Duplex } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import {
  type ClientOptions,
  createClient,
  type FleetClient,
  type MemcacheError,
} from '../../src/index.ts';

export type Key = string | Uint8Array;
export type Verb = (client: FleetClient, key: never) => Promise<unknown>;

/** A server that answers nothing but `version`, and keeps what it was sent. */
class Ear extends Duplex {
  readonly #chunks: Buffer[] = [];

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    if (chunk.equals(Buffer.from('version\r\n'))) this.push('VERSION 1.6.40\r\n');
    else this.#chunks.push(Buffer.from(chunk));
    done();
  }

  get heard(): string {
    return Buffer.concat(this.#chunks).toString('latin1');
  }
}

const KEY = String.raw`([\x21-\x7e\x80-\xff]{1,250})`;
const NUMBER = String.raw`-?\d+`;
/** Every line there may be; the group is its keys. */
const LINES = [
  new RegExp(`^(?:get|gets) (${KEY}(?: ${KEY})*)$`),
  new RegExp(`^(?:gat|gats) ${NUMBER} (${KEY}(?: ${KEY})*)$`),
  new RegExp(`^(?:set|add|replace|append|prepend) ${KEY} ${NUMBER} ${NUMBER} 1(?: noreply)?$`),
  new RegExp(`^cas ${KEY} ${NUMBER} ${NUMBER} 1 7$`),
  new RegExp(`^(?:delete|touch|incr|decr) ${KEY}(?: ${NUMBER})?(?: noreply)?$`),
  new RegExp(`^(?:mg|md|ma|me|ms) ${KEY}(?: [!-~]+)*$`),
  /^(?:mn|version|v)()$/,
];
/** The keys of all that was said, as bytes; fails at the first line that is no command of the kind expected. */
export function keysIn(heard: string): string[] {
  const keys: string[] = [];
  const lines = heard.split('\r\n');
  assert.equal(lines.pop(), '', 'it ends with a line');
  for (const line of lines) {
    const found = LINES.map((shape) => shape.exec(line)).find((match) => match !== null);
    assert.ok(found !== undefined, `no command: ${JSON.stringify(line)}`);
    const base64 = /^m\w \S+(?: \S+)*? b(?: |$)/.test(line);
    for (const key of (found[1] ?? '').split(' '))
      if (key !== '') keys.push(base64 ? Buffer.from(key, 'base64').toString('latin1') : key);
  }
  return keys;
}

export const bytesOf = (key: Key): string => Buffer.from(key as string, 'utf8').toString('latin1');

/** Tells each key to a verb of a client of its own, and what left for those that were not refused. */
export async function told(
  verb: Verb,
  keys: readonly unknown[],
  options: Partial<ClientOptions>,
): Promise<{ heard: string; accepted: unknown[] }> {
  const ear = new Ear();
  const client = createClient({
    ...{
      servers: 'ear:1',
      maxValueBytes: 1000,
      timeoutMs: 60_000,
      connectTimeoutMs: 60_000,
      retry: { attempts: 1 },
    },
    ...options,
    connect: () => ear,
  });
  await client.connect();
  const accepted: unknown[] = [];
  const settled = keys.map((key) =>
    verb(client, key as never).then(
      () => accepted.push(key),
      (error: MemcacheError) => {
        const { code, cause } = error;
        const said = (cause as MemcacheError | undefined)?.code ?? code;
        if (!/_KEY$|_UNSUPPORTED$/.test(said)) accepted.push(key);
      },
    ),
  );
  for (let i = 0; i < 10; i++) await turn();
  await client.close({ timeoutMs: 0 });
  await Promise.all(settled);
  return { heard: ear.heard, accepted };
}
