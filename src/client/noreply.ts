import type { WireKey } from '../protocol/key.ts';
import type { QuietRequest } from '../server/quiet-commands.ts';
import type { SendTo } from './ask.ts';
import type { Answered, ChangeOptions } from './call-options.ts';
import type { KeyCalls } from './key-calls.ts';
import type { Key } from './read.ts';
import type { SendStore } from './stores.ts';

/** A value whose answer nobody waits for. */
export const storingQuietly: SendStore<undefined> = (server, request, waiting) => {
  server.quietly(request as QuietRequest, waiting);
};

/** A command that changes an item, with its answer or without. */
export interface Change<A> {
  readonly verb: string;
  readonly send: SendTo<A>;
  quiet(wire: WireKey): QuietRequest;
}

export function changeOne<A, N extends boolean>(
  calls: KeyCalls,
  change: Change<A>,
  key: Key,
  options: ChangeOptions<N> | undefined,
): Promise<Answered<N, A>> {
  const asked = { verb: change.verb, key, options };
  const answer: Promise<unknown> =
    options?.noreply === true
      ? calls.askOne<undefined>(asked, same, quietly(change))
      : calls.askOne<A>(asked, same, change.send);
  return answer as Promise<Answered<N, A>>;
}

export function changeMany<A, N extends boolean>(
  calls: KeyCalls,
  change: Change<A>,
  keys: Iterable<Key>,
  options: ChangeOptions<N> | undefined,
): Promise<Answered<N, Map<Key, A>>> {
  const asked = { verb: change.verb, keys, options };
  const answers: Promise<unknown> =
    options?.noreply === true
      ? calls.askMany<undefined>(asked, quietly(change)).then(() => undefined)
      : calls.askMany<A>(asked, change.send);
  return answers as Promise<Answered<N, Map<Key, A>>>;
}

const same = <A>(answer: A): A => answer;

const quietly =
  (change: Pick<Change<never>, 'quiet'>): SendTo<undefined> =>
  (server, wire, sink) => {
    server.quietly(change.quiet(wire), { sink, tag: 0 });
  };
