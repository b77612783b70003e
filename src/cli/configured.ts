import { type ClientOptions, loadConfig } from '../index.ts';

/** What the command line says of the client; `servers` is text, a URL or a discovery. */
export interface Overrides {
  readonly servers: string | undefined;
  readonly options: ClientOptions;
}

/** A discovery is text with a scheme, too. */
const URL_SCHEME = /^memcache(?:d|ds|s)?:\/\//i;

/** The options of the command line over those of the environment and the configuration file. */
export async function configured(
  { servers, options }: Overrides,
  env: NodeJS.ProcessEnv,
): Promise<ClientOptions> {
  if (servers === undefined) return loadConfig({ env, overrides: options });
  if (!URL_SCHEME.test(servers)) {
    const places = servers.includes('://') ? { discovery: servers } : { servers };
    return loadConfig({ env, overrides: { ...places, ...options } });
  }
  return { ...(await loadConfig({ env, overrides: servers })), ...options };
}
