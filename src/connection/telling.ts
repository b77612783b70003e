import type { ServerFields } from '../observability/channels.ts';
import type { ServerTimes } from '../observability/timing.ts';
import type { Scope } from '../primitives/scope.ts';
import type { ServerAddress } from './address.ts';

/** For whom the connections of a server are told of, and where their times are counted. */
export interface Telling {
  /** The client, counted from 1 in this process. */
  readonly client: number;
  readonly to: ServerFields;
  readonly times: ServerTimes;
  /** That of the client: no caller's, whoever makes it dial. */
  readonly scope: Scope;
}

export function serverFields(address: ServerAddress): ServerFields {
  const { name } = address;
  return 'path' in address
    ? { server: name, serverAddress: address.path, serverPort: undefined }
    : { server: name, serverAddress: address.host, serverPort: address.port };
}
