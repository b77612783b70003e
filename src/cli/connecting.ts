import { type ClientOptions, createClient, type FleetClient } from '../index.ts';
import type { Invocation, OptionSpecs } from './command.ts';
import { configured, type Overrides } from './configured.ts';

/** Of every command that has to do with servers. */
export const SERVER_OPTIONS: OptionSpecs = {
  servers: {
    value: 'LIST',
    help: 'host:port,host:port, or a memcached:// URL, or a discovery such as srv://name',
  },
  profile: { value: 'NAME', help: 'do as another client does: pymemcache, dalli, php and others' },
  hash: { value: 'NAME', help: 'what places keys: rendezvous, ketama, modula and others' },
  timeout: { value: 'SECONDS', help: 'how long an answer may take (default: 1)' },
};

const FALLBACK = '127.0.0.1:11211';
/** Nothing is under way any more when a command is done. */
const CLOSE_TIMEOUT_MS = 500;

/** The options of the client: those of the command line over those of the environment and the configuration file. */
export async function clientOptions({ given, terminal }: Invocation): Promise<ClientOptions> {
  const options = await configured(overridesOf(given), terminal.host.env);
  if (options.servers !== undefined || options.discovery !== undefined) return options;
  terminal.note(`no servers are configured: trying ${FALLBACK} (--servers names others)`);
  return { ...options, servers: FALLBACK };
}

function overridesOf(given: Invocation['given']): Overrides {
  const named = {
    profile: given.text('profile'),
    hash: given.text('hash'),
    timeoutMs: given.duration('timeout', 1),
  };
  const told = Object.entries(named).filter(([, value]) => value !== undefined);
  return { servers: given.text('servers'), options: Object.fromEntries(told) as ClientOptions };
}

/** A client for as long as it is used. */
export async function withClient(
  invocation: Invocation,
  use: (client: FleetClient) => Promise<number>,
): Promise<number> {
  const client = createClient(await clientOptions(invocation));
  try {
    return await use(client);
  } finally {
    await client.close({ timeoutMs: CLOSE_TIMEOUT_MS });
  }
}

/** A client for each server alone: one that is lost, or slow, is nobody else's affair. */
export interface LoneServer {
  readonly name: string;
  readonly client: FleetClient;
}

/** The servers one by one, once a discovery has named them. */
export async function withLoneServers(
  options: ClientOptions,
  use: (servers: readonly LoneServer[]) => Promise<number>,
): Promise<number> {
  const names = await serverNames(options);
  const { discovery: _discovery, gutter: _gutter, failover: _failover, ...others } = options;
  const servers = names.map((name) => ({
    name,
    client: createClient({ ...others, servers: [name] }),
  }));
  try {
    return await use(servers);
  } finally {
    const closing = servers.map(({ client }) => client.close({ timeoutMs: CLOSE_TIMEOUT_MS }));
    await Promise.all(closing);
  }
}

async function serverNames(options: ClientOptions): Promise<readonly string[]> {
  const client = createClient(options);
  try {
    if (options.discovery !== undefined) await client.rediscover();
    return client.servers;
  } finally {
    await client.close({ timeoutMs: 0 });
  }
}
