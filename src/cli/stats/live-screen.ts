import type { Terminal } from '../terminal.ts';

const ENTER = '\u001b[?1049h\u001b[?25l';
const LEAVE = '\u001b[?25h\u001b[?1049l';
const HOME = '\u001b[H';
const CLEAR_LINE = '\u001b[K';
const CLEAR_BELOW = '\u001b[J';

/** A screen of its own that is drawn again and again; what was on the terminal before is there again after it. */
export class LiveScreen {
  readonly #terminal: Terminal;

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
    terminal.write(ENTER);
  }

  /** No more lines than there are, and none that would wrap. */
  draw(lines: readonly string[]): void {
    const shown = lines.slice(0, this.#terminal.rows);
    this.#terminal.write(
      HOME + shown.map((line) => `${line}${CLEAR_LINE}`).join('\r\n') + CLEAR_BELOW,
    );
  }

  leave(): void {
    this.#terminal.write(LEAVE);
  }
}
