import type { ServerAddress } from '../connection/address.ts';
import { Conversation, within } from '../connection/conversation.ts';
import { wordFor } from '../connection/losses.ts';
import type { ConnectionOptions } from '../connection/options.ts';
import { MemcacheConnectionError, MemcacheError, TimeoutError } from '../errors.ts';
import { type ClusterConfig, ClusterConfigParser, type ConfigQuestion } from './cluster-config.ts';

export interface ConfigCallParts {
  readonly question: ConfigQuestion;
  readonly connection: ConnectionOptions;
  /** Milliseconds from dialling to the end of the answer. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** Asks one node, on a connection of its own that is closed again. Rejects with a MemcacheError. */
export function askConfig(address: ServerAddress, parts: ConfigCallParts): Promise<ClusterConfig> {
  const { question, connection, timeoutMs, signal } = parts;
  const server = address.name;
  const { command } = question;
  const limits = {
    timeoutMs,
    late: () => {
      const message = `${server} did not tell its configuration within ${timeoutMs} ms`;
      const details = { server, command, retryable: true };
      return new TimeoutError('ERR_MEMCACHE_CONNECT', message, details);
    },
    signal,
    aborted: (cause: unknown) =>
      new MemcacheError('ERR_MEMCACHE_ABORTED', 'the question for the servers was aborted', {
        server,
        command,
        cause,
      }),
    unref: connection.unref,
  };
  return within(new Conversation(address, connection), limits, (conversation) =>
    configOf(conversation, question),
  );
}

async function configOf(
  conversation: Conversation,
  question: ConfigQuestion,
): Promise<ClusterConfig> {
  const { server } = conversation;
  const { command } = question;
  const parser = new ClusterConfigParser(server, question);
  const connectError = (message: string, cause?: unknown): MemcacheError =>
    new MemcacheConnectionError('ERR_MEMCACHE_CONNECT', `${server} ${message}`, {
      server,
      command,
      retryable: true,
      cause,
    });
  const unasked = (error: MemcacheError): never => {
    if (error.code === 'ERR_MEMCACHE_AUTH') throw error;
    const { cause } = error;
    throw connectError(`cannot be asked for its configuration: ${wordFor(cause)}`, cause);
  };
  await conversation.open().catch(unasked);
  conversation.say(`${command}\r\n`);
  for (;;) {
    const chunk = await conversation.next().catch(unasked);
    if (chunk === undefined) throw connectError('ended the connection and told no configuration');
    const config = parser.feed(chunk);
    if (config !== undefined) return config;
  }
}
