import { test } from 'node:test';
import * as fc from 'fast-check';
import { runs } from '../support/runs.ts';
import { among, changes, gets, Lab } from './held-lab.ts';

const steps = among({ weight: 6, arbitrary: gets }, { weight: 4, arbitrary: changes });

test('aborted, timed out, reset, in pieces of any size: every call gets an answer of its own', async () => {
  await fc.assert(
    fc.asyncProperty(steps, async (list) => {
      const lab = new Lab();
      try {
        for (const { act } of list) await act(lab);
        await lab.end();
        lab.change('a', true, undefined);
        lab.get(['a', 'b', 'c'], undefined);
        await lab.end();
      } finally {
        await lab.client.close({ timeoutMs: 0 });
      }
    }),
    runs(150),
  );
});
