import { endAll, endAllOnExit, isEnding } from './support/processes.ts';
import { UsageError } from './usage-error.ts';

/** Runs a program to its end, and with it ends what it started. A mistake in its flags is told in one sentence. */
export async function runProgram(name: string, main: () => Promise<void>): Promise<never> {
  endAllOnExit();
  try {
    await main();
  } catch (error) {
    // What fails because all is being ended says nothing.
    if (!isEnding())
      console.error(error instanceof UsageError ? `${name}: ${error.message}` : error);
    process.exitCode = 1;
  } finally {
    await endAll();
  }
  process.exit();
}
