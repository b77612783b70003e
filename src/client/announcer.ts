import { hears, publish } from '../observability/tracing.ts';
import { TypedEmitter } from '../primitives/typed-emitter.ts';
import type { ClientEvents } from './events.ts';

type Events<N extends keyof ClientEvents> = ClientEvents[N][0];

/** The events of a client, told to its listeners and to the channels there are for them. */
export class Announcer extends TypedEmitter<ClientEvents> {
  readonly #client: number;

  /** `client` is its number in this process. */
  constructor(client: number) {
    super();
    this.#client = client;
  }

  override emit<N extends keyof ClientEvents>(name: N, ...event: ClientEvents[N]): void {
    TOLD[name]?.(this.#client, event[0]);
    super.emit(name, ...event);
  }
}

const TOLD: { [N in keyof ClientEvents]?: (client: number, event: Events<N>) => void } = {
  retry: (client, { error, attempt }) => {
    if (!hears('retry')) return;
    const { command = '', server } = error;
    publish('retry', { client, command, server, attempt, error });
  },
  shed: (client, { error, operations }) => {
    if (hears('shed')) publish('shed', { client, server: error.server, operations, error });
  },
  topology: (client, { servers, added, removed }) => {
    if (hears('discovery'))
      publish('discovery', { client, servers, added, removed, error: undefined });
  },
  discovery: (client, { error, kept }) => {
    if (hears('discovery'))
      publish('discovery', { client, servers: kept, added: [], removed: [], error });
  },
  desync: (client, { server, guard, error }) => {
    if (hears('guard')) publish('guard', { client, server, guard, error });
  },
  guard: (client, { error }) => {
    if (hears('guard')) publish('guard', { client, server: error.server, guard: undefined, error });
  },
};
