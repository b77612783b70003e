import { once } from 'node:events';
import { connect } from 'node:net';
import type { Load, LoadCase } from '../load/load-case.ts';
import { GET_MANY_KEYS } from '../load/load-case.ts';
import { bytesOfSize } from '../load/values.ts';
import type { Address, Contender } from './contender.ts';

/** As many as one `mn` is asked for. */
const QUIET_STORES = 128;
const STORED = 'STORED\r\n';

/** Requests of equal length, end to end; each asks for `keys` keys and is answered by exactly `replyBytes`. */
interface Tape {
  readonly bytes: Buffer;
  readonly requests: number;
  readonly requestBytes: number;
  readonly replyBytes: number;
  readonly keys: number;
  readonly inFlight: number;
}
const NO_TAPE: Tape = {
  bytes: Buffer.alloc(0),
  requests: 0,
  requestBytes: 0,
  replyBytes: 1,
  keys: 0,
  inFlight: 0,
};

function getTape(load: LoadCase, keys: readonly string[]): Tape {
  const many = load.operation !== 'get';
  const perRequest = Math.min(
    keys.length,
    many ? GET_MANY_KEYS : Math.min(GET_MANY_KEYS, load.concurrency),
  );
  const requests = Math.floor(keys.length / perRequest);
  const lines = Array.from(
    { length: requests },
    (_, at) => `get ${keys.slice(at * perRequest, (at + 1) * perRequest).join(' ')}\r\n`,
  );
  const item = `VALUE ${keys[0]} 0 ${load.size}\r\n`.length + load.size + 2;
  return {
    bytes: Buffer.from(lines.join('')),
    requests,
    requestBytes: lines[0].length,
    replyBytes: perRequest * item + 'END\r\n'.length,
    keys: perRequest,
    inFlight: many ? load.concurrency : Math.max(1, Math.round(load.concurrency / perRequest)),
  };
}

function setTape(load: LoadCase, keys: readonly string[]): Tape {
  const value = bytesOfSize(load.size, 0);
  const stores = keys.map((key) =>
    Buffer.concat([Buffer.from(`set ${key} 0 0 ${load.size}\r\n`), value, Buffer.from('\r\n')]),
  );
  return {
    bytes: Buffer.concat(stores),
    requests: stores.length,
    requestBytes: stores[0].length,
    replyBytes: STORED.length,
    keys: 1,
    inFlight: load.concurrency,
  };
}

/** Stores that answer nothing, as many as callers wait for or fewer, and an `mn` that is answered after them. */
function quietTape(load: LoadCase, keys: readonly string[]): Tape {
  const value = bytesOfSize(load.size, 0);
  const perRequest = Math.min(keys.length, QUIET_STORES, load.concurrency);
  const requests = Math.floor(keys.length / perRequest);
  const stores = keys
    .slice(0, requests * perRequest)
    .map((key) =>
      Buffer.concat([Buffer.from(`ms ${key} ${load.size} q\r\n`), value, Buffer.from('\r\n')]),
    );
  const ends = stores.map((store, at) =>
    (at + 1) % perRequest === 0 ? Buffer.concat([store, Buffer.from('mn\r\n')]) : store,
  );
  const bytes = Buffer.concat(ends);
  return {
    bytes,
    requests,
    requestBytes: bytes.length / requests,
    replyBytes: 'MN\r\n'.length,
    keys: perRequest,
    inFlight: Math.max(1, Math.round(load.concurrency / perRequest)),
  };
}

/** Plays a tape, keeping `inFlight` requests unanswered, and looks at nothing but the number of bytes that come back. */
class Player {
  private received = 0;
  private sent = 0;
  private tape = NO_TAPE;
  private running = false;
  private finished: () => void = () => {};
  private readonly socket;
  readonly ready: Promise<unknown>;

  constructor({ host, port }: Address) {
    const onread = {
      buffer: Buffer.allocUnsafeSlow(256 * 1024),
      callback: (bytes: number) => this.read(bytes),
    };
    this.socket = connect({ host, port, noDelay: true, onread });
    this.ready = once(this.socket, 'connect');
  }

  async play(tape: Tape, seconds: number): Promise<number> {
    this.tape = tape;
    this.received = this.sent = 0;
    this.running = seconds > 0;
    const drained = new Promise<void>((resolve) => (this.finished = resolve));
    this.send(tape.inFlight);
    const timer = setTimeout(() => (this.running = false), seconds * 1000);
    await drained;
    clearTimeout(timer);
    return this.sent * tape.keys;
  }

  /** Each request once, all answered. */
  async playThrough(tape: Tape): Promise<void> {
    await this.play({ ...tape, inFlight: tape.requests }, 0);
  }

  end(): void {
    this.socket.destroy();
  }

  private send(count: number): void {
    const { bytes, requests, requestBytes } = this.tape;
    for (let left = count; left > 0;) {
      const at = this.sent % requests;
      const run = Math.min(left, requests - at);
      this.socket.write(bytes.subarray(at * requestBytes, (at + run) * requestBytes));
      this.sent += run;
      left -= run;
    }
  }

  private read(bytes: number): boolean {
    this.received += bytes;
    const { replyBytes, inFlight } = this.tape;
    const free = inFlight - (this.sent - Math.floor(this.received / replyBytes));
    if (this.running) {
      if (free > 0) this.send(free);
    } else if (this.received >= this.sent * replyBytes) {
      this.finished();
    }
    return true;
  }
}

type TapeOf = (load: LoadCase, keys: readonly string[]) => Tape;

const flooding =
  (tapeOf: TapeOf): NonNullable<Contender['flood']> =>
  async (address, load, keys): Promise<Load> => {
    const player = new Player(address);
    await player.ready;
    await player.playThrough(setTape(load, keys));
    const tape = tapeOf(load, keys);
    return {
      run: async (seconds) => ({ operations: await player.play(tape, seconds), misses: 0 }),
      close: () => player.end(),
    };
  };

/** The ceiling: what one socket carries when nothing is encoded, parsed, copied or promised. */
export const rawSocket: Contender = {
  name: 'raw socket',
  role: 'ceiling',
  accepts: ['string', 'buffer'],
  performs: ['get', 'getMany', 'set'],
  settings: `multi-gets of up to ${GET_MANY_KEYS} keys, pipelined sets`,
  available: () => true,
  flood: flooding((load, keys) =>
    load.operation === 'set' ? setTape(load, keys) : getTape(load, keys),
  ),
};

/** The ceiling of stores that are only heard of when they fail. */
export const rawSocketQuiet: Contender = {
  name: 'raw socket, quiet stores',
  role: 'ceiling',
  accepts: ['string', 'buffer'],
  performs: ['set'],
  settings: `ms q, mn after up to ${QUIET_STORES} of them`,
  available: () => true,
  flood: flooding(quietTape),
};
