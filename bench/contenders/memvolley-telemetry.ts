import { tracingChannel } from 'node:diagnostics_channel';
import type { ChannelMessages } from '../../src/index.ts';
import type { Contender } from './contender.ts';
import { variant } from './memvolley-variant.ts';
import { published } from './published.ts';

/** Nobody listens, and no time is measured: as it comes. */
export const UNHEARD: Contender = variant('nobody listens', {});
export const PERCENTILES: Contender = variant('percentiles: true', { percentiles: true });

const nothing = (): void => {};
const EVERYTHING = {
  start: nothing,
  end: nothing,
  asyncStart: nothing,
  asyncEnd: nothing,
  error: nothing,
};

/** A subscriber that does nothing: what is left is what it costs to tell it. */
function listeningTo(channel: keyof ChannelMessages): typeof published {
  return async () => {
    tracingChannel(channel).subscribe(EVERYTHING);
    return published();
  };
}

export const COMMANDS_HEARD: Contender = variant(
  'a subscriber of commands',
  {},
  { load: listeningTo('memvolley:command') },
);
export const BATCHES_HEARD: Contender = variant(
  'a subscriber of batches',
  {},
  { load: listeningTo('memvolley:batch') },
);

/** What exporters of metrics ask for. */
export const TIMED: Contender = variant(
  'durations()',
  {},
  {
    async load() {
      const door = await published();
      const createClient = (options: Parameters<typeof door.createClient>[0]) => {
        const client = door.createClient(options);
        client.durations();
        return client;
      };
      return { ...door, createClient: createClient as typeof door.createClient };
    },
  },
);
