import { Connection, type ConnectionHost, type ConnectionParts } from '../connection/connection.ts';
import type { MemcacheError } from '../errors.ts';
import { LineCommand, StatsCommand } from './answer-command.ts';
import { longestReply } from './limits.ts';
import type { AnswerSink } from './sinks.ts';

/** What a server says of itself. */
export interface ServerFacts {
  /** It speaks the meta commands. */
  readonly meta: boolean;
  /** Bytes of its largest item, where it told. */
  readonly itemSizeMax: number | undefined;
}

const UNKNOWN_LIMITS = { configured: undefined, itemSizeMax: undefined, speaksMeta: false };

const LONE_HOST: ConnectionHost = {
  collecting: false,
  seal: () => {},
  prepare: (done) => done(undefined, longestReply(undefined)),
  leaving: () => {},
  released: () => {},
  changed: () => {},
};

/**
 * Asks a server, on a connection that is thrown away, for its item size and whether it knows the meta commands. A
 * proxy that closes the connection over either question speaks the classic dialect. Rejects only when the server
 * cannot be reached at all. `begun` is given the connection, to be closed by whoever will not wait.
 */
export async function negotiate(
  parts: Omit<ConnectionParts, 'host'>,
  begun: (connection: Connection) => void = () => {},
): Promise<ServerFacts> {
  const connection = new Connection({ ...parts, host: LONE_HOST });
  begun(connection);
  const server = parts.address.name;
  const deadline = performance.now() + parts.options.connectTimeoutMs;
  try {
    const settings = asked<Map<string, string>>(deadline);
    connection.send(
      new StatsCommand('settings', { server, limits: UNKNOWN_LIMITS, sink: settings.sink, tag: 0 }),
    );
    const meta = asked<boolean>(deadline);
    const request = { verb: 'mn', key: '', text: 'mn' };
    connection.send(
      new LineCommand(request, (reply) => (reply === 'MN' ? { answer: true } : undefined), {
        server,
        sink: meta.sink,
        tag: 0,
        limits: UNKNOWN_LIMITS,
      }),
    );
    const stats = await settings.answer;
    if (stats instanceof Error && stats.code === 'ERR_MEMCACHE_CONNECT') throw stats;
    const itemSizeMax = stats instanceof Map ? Number(stats.get('item_size_max')) : Number.NaN;
    return {
      meta: (await meta.answer) === true,
      itemSizeMax: Number.isSafeInteger(itemSizeMax) && itemSizeMax > 0 ? itemSizeMax : undefined,
    };
  } finally {
    await connection.close(0);
  }
}

function asked<T>(deadline: number): { sink: AnswerSink<T>; answer: Promise<T | MemcacheError> } {
  let settle: (result: T | MemcacheError) => void = () => {};
  const answer = new Promise<T | MemcacheError>((resolve) => {
    settle = resolve;
  });
  const sink = {
    deadline,
    settled: false,
    sent: 'no' as const,
    answer: (_tag: number, result: T) => settle(result),
    fail: (_tag: number, error: MemcacheError) => settle(error),
  };
  return { sink, answer };
}
