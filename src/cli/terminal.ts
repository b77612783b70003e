import { styleText } from 'node:util';

type Format = Parameters<typeof styleText>[0];

/** `isTTY` is true or not there. */
type Output = Omit<NodeJS.WriteStream, 'isTTY'> & { readonly isTTY?: boolean };

/** What of `process` a program needs: streams, environment, signals. */
export interface Host {
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: Output;
  readonly stderr: Output;
  readonly env: NodeJS.ProcessEnv;
  on(signal: 'SIGINT' | 'SIGTERM', listener: () => void): unknown;
  exit(code: number): never;
}

const DEFAULT_COLUMNS = 80;
const DEFAULT_ROWS = 24;

/** Where a command writes: what it found to stdout, everything else to stderr. */
export class Terminal {
  readonly host: Host;
  /** Aborts with the first Ctrl-C. */
  readonly interrupt: AbortSignal;

  constructor(host: Host, interrupt: AbortSignal) {
    this.host = host;
    this.interrupt = interrupt;
  }

  /** Whether somebody reads stdout as it is written. */
  get isLive(): boolean {
    return this.host.stdout.isTTY === true;
  }

  get columns(): number {
    // Where there is no window, COLUMNS may say how wide it would be.
    const { stdout, env } = this.host;
    const given = stdout.isTTY === true ? stdout.columns : Number(env['COLUMNS']);
    return given > 0 ? given : DEFAULT_COLUMNS;
  }

  get rows(): number {
    const { stdout } = this.host;
    return stdout.isTTY === true && stdout.rows > 0 ? stdout.rows : DEFAULT_ROWS;
  }

  get colours(): boolean {
    return hasColours(this.host.stdout, this.host.env);
  }

  print(text: string): void {
    this.host.stdout.write(`${text}\n`);
  }

  write(bytes: string | Uint8Array): void {
    this.host.stdout.write(bytes);
  }

  /** For people, beside what is found. */
  note(text: string): void {
    const { stderr, env } = this.host;
    this.host.stderr.write(`${hasColours(stderr, env) ? painted('dim', text) : text}\n`);
  }

  complain(text: string): void {
    const { stderr, env } = this.host;
    const name = hasColours(stderr, env) ? painted('red', 'memvolley:') : 'memvolley:';
    stderr.write(`${name} ${text}\n`);
  }

  /** For stdout: plain where that shows no colours. */
  paint(format: Format, text: string): string {
    return this.colours ? painted(format, text) : text;
  }
}

/** Whether there are colours has been decided: Node.js 22 would look once more, and at another stream. */
const painted = (format: Format, text: string): string =>
  styleText(format, text, { validateStream: false });

/** FORCE_COLOR before NO_COLOR (https://no-color.org), as Node.js has it; else whoever is no terminal gets none. */
export function hasColours(stream: { readonly isTTY?: boolean }, env: NodeJS.ProcessEnv): boolean {
  const { FORCE_COLOR: forced, NO_COLOR: refused = '', TERM: term } = env;
  if (forced !== undefined) return forced !== '0' && forced !== 'false';
  return stream.isTTY === true && refused === '' && term !== 'dumb';
}
