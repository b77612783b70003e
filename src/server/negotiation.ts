import { Connection } from '../connection/connection.ts';
import type { ConnectionHost, ConnectionParts } from '../connection/connection-host.ts';
import { MemcacheError, type MemcacheErrorCode } from '../errors.ts';
import { isSince, STABLE_META, type Version, versionOf } from '../protocol/version.ts';
import { StatsCommand } from './administration-commands.ts';
import { LineCommand } from './answer-command.ts';
import { longestReply, type ServerLimits, type ServerPort } from './limits.ts';
import { patientProbeOf } from './probe.ts';

/** What a server says of itself. */
export interface ServerFacts {
  /** It speaks the meta commands. */
  readonly meta: boolean;
  /** It takes commands about a whole server: it did not close the connection over one. */
  readonly administration: boolean;
  /** Bytes of its largest item, where it told. */
  readonly itemSizeMax: number | undefined;
  /** What it calls itself. Through a proxy that is one of the servers behind it. */
  readonly version: Version | undefined;
  /** A question got no answer: it may not know it, or something went wrong on the way. */
  readonly doubtful: boolean;
}

export interface NegotiationEvents {
  /** Is given the connection, to be closed by whoever will not wait. */
  readonly begun?: (connection: Connection) => void;
  /** The server answers. */
  readonly reached?: () => void;
}

const UNKNOWN: ServerLimits = {
  configured: undefined,
  itemSizeMax: undefined,
  speaksMeta: false,
  marks: false,
  administration: true,
  version: undefined,
};

const LONE_HOST: Omit<ConnectionHost, 'changed'> = {
  collecting: false,
  seal: () => {},
  prepare: (done) => done(undefined, longestReply(undefined)),
  leaving: () => {},
  released: () => {},
  late: () => {},
  shed: () => {},
};

/**
 * Asks a server, on a connection that is thrown away, for its item size and whether it knows the meta commands. Who
 * closes the connection over either question speaks the classic dialect; over the first one, it is a proxy that takes
 * no command about a whole server. Rejects only when the server cannot be reached at all.
 */
export async function negotiate(
  parts: Omit<ConnectionParts, 'host'>,
  { begun, reached }: NegotiationEvents = {},
): Promise<ServerFacts> {
  let said = '';
  const changed: ConnectionHost['changed'] = (state, _error, version = said) => {
    said = version;
    if (state === 'ready') reached?.();
  };
  // That it does not know a command is an answer here.
  const guarded = (error: MemcacheError): void => {
    if (error.guard !== 'error') parts.guarded(error);
  };
  // A question waits for the dial for as long as that takes: to fail it sooner would be taken for an answer.
  const options = { ...parts.options, maxQueueMs: 0 };
  const host = { ...LONE_HOST, changed };
  const connection = new Connection({ ...parts, options, guarded, host });
  begun?.(connection);
  const server = { name: parts.address.name, limits: UNKNOWN, served: () => {} };
  const { connectTimeoutMs } = parts.options;
  try {
    // Time for the dial, and for itself: given up before the dial is, it would be taken for one that got no answer.
    const [settings, answer] = patientProbeOf<Map<string, string>>(2 * connectTimeoutMs);
    connection.send(new StatsCommand('settings', { server, ...settings }));
    const stats = await answer.catch(unlessUnreachable);
    // One question after the other: a proxy that closes over the second would take the first answer with it.
    const version = versionOf(said);
    // Before that release the meta commands had another form.
    const stable = version === undefined || isSince(version, STABLE_META);
    const asks = stable && leavesOpen(stats);
    const meta = asks && (await speaksMeta(connection, server, connectTimeoutMs));
    return {
      meta: meta === true,
      administration: codeOf(stats) !== 'ERR_MEMCACHE_CONNECTION_LOST',
      itemSizeMax: itemSizeOf(stats),
      version,
      doubtful: NO_ANSWER.includes(codeOf(stats)) || NO_ANSWER.includes(codeOf(meta)),
    };
  } finally {
    await connection.close(0);
  }
}

type Stats = Map<string, string> | MemcacheError;

/** What a question comes to that a server does not answer, or whose answer is lost. */
const NO_ANSWER: readonly (MemcacheErrorCode | undefined)[] = [
  'ERR_MEMCACHE_CONNECTION_LOST',
  'ERR_MEMCACHE_PROTOCOL',
  'ERR_MEMCACHE_TIMEOUT',
];

const codeOf = (answer: Stats | boolean): MemcacheErrorCode | undefined =>
  answer instanceof MemcacheError ? answer.code : undefined;

/** A question that was not answered tells nothing, unless nobody was there to be asked. */
function unlessUnreachable(error: MemcacheError): MemcacheError {
  if (error.code === 'ERR_MEMCACHE_CONNECT' || error.code === 'ERR_MEMCACHE_AUTH') throw error;
  return error;
}

/** Whether the answer leaves a connection on which more can be asked. */
const leavesOpen = (stats: Stats): boolean =>
  stats instanceof Map || stats.code === 'ERR_MEMCACHE_SERVER';

async function speaksMeta(
  connection: Connection,
  server: ServerPort,
  timeoutMs: number,
): Promise<boolean | MemcacheError> {
  const [waiting, answer] = patientProbeOf<boolean>(timeoutMs);
  connection.send(new LineCommand(META_PROBE, isMeta, { server, ...waiting }));
  return answer.catch((error: MemcacheError) => error);
}

const META_PROBE = { verb: 'mn', key: '', text: 'mn' };

const isMeta = (reply: string): { answer: true } | undefined =>
  reply === 'MN' ? { answer: true } : undefined;

function itemSizeOf(stats: Stats): number | undefined {
  const size = stats instanceof Map ? Number(stats.get('item_size_max')) : 0;
  return Number.isSafeInteger(size) && size > 0 ? size : undefined;
}
