import { clearLine, cursorTo } from 'node:readline';

/** What is going on, on stderr: one line written over again on a terminal, a line each elsewhere. */
export class Progress {
  private readonly stream = process.stderr;

  show(text: string): void {
    if (!this.stream.isTTY) {
      this.stream.write(`${text}\n`);
      return;
    }
    cursorTo(this.stream, 0);
    this.stream.write(text.slice(0, this.stream.columns - 1));
    clearLine(this.stream, 1);
  }

  /** Makes room for the report. */
  clear(): void {
    if (!this.stream.isTTY) return;
    cursorTo(this.stream, 0);
    clearLine(this.stream, 0);
  }
}
