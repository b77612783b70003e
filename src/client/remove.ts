import { IllegalInputError } from '../errors.ts';
import type { MetaAnswer } from '../server/meta-commands.ts';
import type { Server } from '../server/server.ts';
import type { AnswerSink } from '../server/sinks.ts';
import type { CallOptions, DeleteOptions } from './call-options.ts';
import type { KeyCalls } from './key-calls.ts';
import type { Key } from './read.ts';

/** Removes an item; whether there was one. */
export const remove = (
  calls: KeyCalls,
  key: Key,
  options: CallOptions | undefined,
): Promise<boolean> =>
  calls.askOne<boolean>({ verb: 'delete', key, options }, (answer) => answer, sendDelete);

/** Removes the item with the token `cas`; whether there was this one. */
export async function removeThis(
  calls: KeyCalls,
  key: Key,
  options: DeleteOptions,
): Promise<boolean> {
  const { cas, noreply } = options;
  if (noreply === true) {
    const message = "option 'noreply' of delete cannot be given together with 'cas'";
    throw new IllegalInputError('ERR_MEMCACHE_OPTION', message);
  }
  return calls.askOne<MetaAnswer, boolean>(
    { verb: 'delete', key, options },
    ({ status }) => status === 'HD',
    (server, wire, sink) => {
      server.meta({ verb: 'md', key: wire, cas }, { sink, tag: 0 });
    },
  );
}

const sendDelete = (server: Server, wire: string, sink: AnswerSink<boolean>): void => {
  server.delete(wire, { sink, tag: 0 });
};
