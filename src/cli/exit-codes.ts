/** What a shell is told. */
export const EXIT = {
  ok: 0,
  /** Nothing is stored there; it was not stored; the doctor has warnings. */
  no: 1,
  /** The command line, the configuration or a key cannot be meant. */
  usage: 2,
  /** No server could be reached, or none answered in time. */
  unreachable: 3,
  /** A server refused, or answered what cannot be read. */
  failed: 4,
  /** Ctrl-C, as shells count signals. */
  interrupted: 130,
} as const;

export const EXIT_TEXT = `exit codes: 0 done or found, 1 nothing there, not stored or warnings, 2 wrong usage or configuration,
3 no server reached, 4 a server refused, 130 interrupted`;
