// Loaded into the process of every test file (see test/run.ts): what a test overlooked fails its file all the same.
import { writeSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';

const FATAL_WARNINGS = new Set([
  'MaxListenersExceededWarning',
  'DeprecationWarning',
  'PromiseRejectionHandledWarning',
  'TimeoutNegativeWarning',
  'TimeoutNaNWarning',
  'TimeoutOverflowWarning',
]);

const problems: string[] = [];

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

/** A dependency may warn for as long as it likes; the first frame outside Node's own tells whose code it was. */
function isOurs(warning: Error): boolean {
  const frames = (warning.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
  const culprit = frames.find((line) => !/\(?node:/.test(line));
  return culprit === undefined || !/[\\/]node_modules[\\/]/.test(culprit);
}

/** Only this process is watched: a program that a test starts is none of our business. */
function leaveNodeOptions(): void {
  const ours = `--import ${import.meta.url}`;
  const rest = (process.env['NODE_OPTIONS'] ?? '').replace(ours, '').trim();
  if (rest === '') delete process.env['NODE_OPTIONS'];
  else process.env['NODE_OPTIONS'] = rest;
}

function watch(): void {
  process.on('unhandledRejection', (reason) => {
    problems.push(`unhandled rejection: ${describe(reason)}`);
  });
  process.on('uncaughtExceptionMonitor', (error) => {
    problems.push(`uncaught exception: ${describe(error)}`);
  });
  process.on('warning', (warning) => {
    if (FATAL_WARNINGS.has(warning.name) && isOurs(warning)) problems.push(describe(warning));
  });
  process.on('exit', () => {
    if (problems.length === 0) return;
    process.exitCode = 1;
    writeSync(2, `guard: ${process.argv[1] ?? ''} left ${problems.length} behind\n`);
    for (const problem of problems) writeSync(2, `guard: ${problem}\n`);
  });
}

if (isMainThread) {
  leaveNodeOptions();
  watch();
}
