import { createClient } from '../../index.ts';
import type { Command } from '../command.ts';
import { clientOptions, SERVER_OPTIONS } from '../connecting.ts';
import { EXIT } from '../exit-codes.ts';
import { Given } from '../given.ts';
import { UsageError } from '../usage-error.ts';

export const discover: Command = {
  name: 'discover',
  about: 'what a discovery answers',
  usage: '[DISCOVERY]',
  words: { least: 0, most: 1 },
  options: { ...SERVER_OPTIONS, json: { help: 'a JSON list' } },
  details: [
    'DISCOVERY is elasticache://host:port, memorystore://host:port, dns://name:port, srv://name or file:///path; without',
    'it the one that is configured is asked. Prints one server a line.',
  ].join('\n'),
  examples: [
    'memvolley discover elasticache://my-cluster.cfg.use1.cache.amazonaws.com:11211',
    'memvolley discover dns://memcached.default.svc.cluster.local:11211',
  ],
  async run({ given, terminal }) {
    const [servers = given.text('servers')] = given.words;
    const values = { servers, timeout: given.text('timeout') };
    const options = await clientOptions({ given: new Given([], values), terminal });
    if (options.discovery === undefined) {
      throw new UsageError(
        'no discovery is named: memvolley discover elasticache://host:port, dns://name:port or srv://name',
      );
    }
    const client = createClient(options);
    try {
      await client.rediscover();
      const { servers: found } = client;
      if (given.has('json')) terminal.print(JSON.stringify(found));
      else for (const name of found) terminal.print(name);
      return EXIT.ok;
    } finally {
      await client.close({ timeoutMs: 0 });
    }
  },
};
