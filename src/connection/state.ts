/** The states of a connection. */
export type ConnectionState =
  /** No socket and nothing to send. */
  | 'idle'
  /** A socket is being made and asked for its first answer. */
  | 'dialing'
  /** Commands leave as they come. */
  | 'ready'
  /** Silent for long: asked for an answer before it carries a caller's command. */
  | 'probing'
  /** Lately lost or refused: new commands are turned away until the pause is over. */
  | 'backoff'
  /** For good. */
  | 'closed';

const NEXT: Readonly<Record<ConnectionState, readonly ConnectionState[]>> = {
  idle: ['dialing', 'closed'],
  dialing: ['ready', 'backoff', 'closed'],
  ready: ['probing', 'idle', 'backoff', 'closed'],
  probing: ['ready', 'idle', 'closed'],
  backoff: ['idle', 'closed'],
  closed: [],
};

/** The one way a state changes. Throws when the table has no such way: that is a defect of this package. */
export function changeState(from: ConnectionState, to: ConnectionState): ConnectionState {
  if (!NEXT[from].includes(to))
    throw new Error(`memvolley: a connection cannot go from ${from} to ${to}`);
  return to;
}
