import type { ServerFields } from '../observability/channels.ts';

/** What carried an operation to a server: told only while somebody wants to know. */
export interface Carrier {
  readonly to: ServerFields;
  /** `id` of the BatchMessage, if the request stands for several callers. */
  readonly batch: number | undefined;
}
