import type { TestContext } from 'node:test';
import { parseServer } from '../../../src/connection/address.ts';
import { Connection } from '../../../src/connection/connection.ts';
import type { ConnectionHost, Wait } from '../../../src/connection/connection-host.ts';
import type { FlushPolicy } from '../../../src/connection/flush-policy.ts';
import { CONNECTION_DEFAULTS, type ConnectionOptions } from '../../../src/connection/options.ts';
import type { Guard } from '../../../src/errors.ts';
import type { ConnectionState } from '../../../src/connection/state.ts';
import type { MemcacheError } from '../../../src/errors.ts';
import { Metrics } from '../../../src/observability/metrics.ts';
import { Ticker } from '../../../src/primitives/ticker.ts';
import { until } from '../../support/fault-lab.ts';
import { LineAsker } from '../../support/line-asker.ts';
import { type Peer, type Script, ScriptedServer } from '../../support/scripted-server.ts';

/** Answers each request with its own words. */
export const echo: Script = ({ line }, peer) => peer.send(`re ${line}\r\n`);

/** The room above: what it has collected is queued when it is told to seal. */
class Room implements ConnectionHost {
  readonly collected: LineAsker[] = [];
  readonly states: ConnectionState[] = [];
  /** How long no byte had come, each time callers gave up. */
  readonly silences: number[] = [];
  readonly shedding: [code: string, operations: number][] = [];
  left = 0;
  gone = 0;
  connection: Connection | undefined = undefined;

  get collecting(): boolean {
    return this.collected.length > 0;
  }

  seal(): void {
    for (const command of this.collected.splice(0)) this.connection?.send(command);
  }

  prepare(done: (error: undefined, maxValueBytes: number) => void): void {
    done(undefined, 1_000_000);
  }

  shed({ code }: MemcacheError, operations: number): void {
    this.shedding.push([code, operations]);
  }

  leaving(): void {
    this.left++;
  }

  released(): void {
    this.gone++;
  }

  changed(state: ConnectionState): void {
    this.states.push(state);
  }

  late({ silentMs }: Wait): void {
    this.silences.push(silentMs);
  }
}

export type Options = Partial<ConnectionOptions> & { flush?: FlushPolicy };

interface Lab {
  readonly server: ScriptedServer;
  readonly connection: Connection;
  readonly room: Room;
  readonly metrics: Metrics;
  /** What gave a connection away. */
  readonly guards: (Guard | undefined)[];
  /** Sends a command for each request. */
  ask(this: void, ...requests: string[]): LineAsker[];
}

/** A connection to a server that echoes. Both end with the test. */
export async function connectionFor(t: TestContext, options: Options = {}): Promise<Lab> {
  const server = await ScriptedServer.start();
  t.after(() => server.stop());
  server.script = echo;
  const room = new Room();
  const metrics = new Metrics();
  const guards: (Guard | undefined)[] = [];
  const ticker = new Ticker();
  const connection = new Connection({
    address: parseServer(server.address),
    options: { ...CONNECTION_DEFAULTS, flush: 'auto', ...options },
    host: room,
    ticker,
    metrics,
    guarded: ({ guard }) => void guards.push(guard),
  });
  room.connection = connection;
  t.after(() => connection.close(0));
  const ask = (...requests: string[]): LineAsker[] =>
    requests.map((request) => {
      const command = new LineAsker(request);
      connection.send(command);
      return command;
    });
  return { server, connection, room, metrics, guards, ask };
}

export const settled = (commands: readonly LineAsker[]): Promise<void> =>
  until(() => commands.every(({ outcome }) => outcome !== undefined));

export const answers = (commands: readonly LineAsker[]): (string | undefined)[] =>
  commands.map(({ outcome }) => outcome);

export const peerOf = ({ users }: ScriptedServer): Peer => users[users.length - 1];
