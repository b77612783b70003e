// Runs one suite by vitest, in a process of its own: run-vitest.js SUITE REPORT
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startVitest } from 'vitest/node';

const [, , suite, report] = process.argv;
const vitest = await startVitest('test', [], {
  root: dirname(fileURLToPath(import.meta.url)),
  config: false,
  watch: false,
  include: [suite],
  reporters: ['verbose', 'json'],
  outputFile: { json: report },
});
await vitest.close();
