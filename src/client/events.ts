import type { ConnectionState } from '../connection/state.ts';
import type { MemcacheError } from '../errors.ts';

/** What a client tells its listeners. None of it has to be listened to. */
export interface ClientEvents {
  /** A connection changed its state; the error is why, where there was one. */
  server: [{ server: string; state: ConnectionState; error: MemcacheError | undefined }];
  /** An item was found that nobody here can decode. */
  unreadable: [{ flags: number; bytes: number; error: MemcacheError }];
  /** A read is tried again. */
  retry: [{ error: MemcacheError; attempt: number }];
  /** A command was turned away because too much waits already. */
  shed: [{ error: MemcacheError }];
  /** A read failed and was answered as a miss, as `onError: 'miss'` asks. */
  guard: [{ error: MemcacheError }];
}
