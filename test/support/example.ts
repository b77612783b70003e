// Runs the programs of test/examples as a reader would, and listens to what they print.
import assert from 'node:assert/strict';
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';

/** A program is slow on a machine that is busy with other tests; none waits so long without being stuck. */
const PATIENCE_MS = 60_000;

/** A running example. */
export class Example {
  readonly process: ChildProcess;
  #output = '';
  readonly #ended: Promise<unknown>;

  /** Ends with the test at the latest. */
  constructor(t: TestContext, name: string, env: NodeJS.ProcessEnv = {}) {
    this.process = fork(fileURLToPath(new URL(`../examples/${name}.js`, import.meta.url)), {
      // A machine that is busy with other tests pauses; what is tried here is no deadline.
      env: { ...process.env, CACHE_TIMEOUT_MS: '10000', ...env },
      silent: true,
    });
    for (const stream of [this.process.stdout, this.process.stderr])
      stream?.on('data', (text: Buffer) => {
        this.#output += text.toString();
      });
    // Not 'close', which does not come where the channel was closed on this side.
    const { stdout, stderr } = this.process;
    this.#ended = Promise.all([
      once(this.process, 'exit'),
      ...[stdout, stderr].map((stream) => stream !== null && once(stream, 'end')),
    ]);
    t.after(() => this.process.kill('SIGKILL'));
  }

  /** Everything it has printed so far. */
  get output(): string {
    return this.#output;
  }

  /** When it has printed something like this. */
  async says(expected: RegExp): Promise<void> {
    const deadline = Date.now() + PATIENCE_MS;
    while (!expected.test(this.#output)) {
      assert.equal(this.process.exitCode, null, `it ended without ${expected}:\n${this.#output}`);
      assert.ok(Date.now() < deadline, `never ${expected}:\n${this.#output}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  /** When it has ended, well. */
  async ends(): Promise<void> {
    const timer = setTimeout(() => this.process.kill('SIGKILL'), PATIENCE_MS);
    await this.#ended;
    clearTimeout(timer);
    assert.equal(this.process.exitCode, 0, this.#output);
  }

  /** What it answers a message. */
  async ask<Answer>(message: object): Promise<Answer> {
    const answer = once(this.process, 'message', { signal: AbortSignal.timeout(PATIENCE_MS) });
    this.process.send(message);
    const [answered] = (await answer) as [Answer];
    return answered;
  }
}
