import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createClient } from '../../src/index.ts';
import { table } from '../support/documents.ts';
import { rejection } from '../support/fault-lab.ts';

/** The names in the first cells of the tables under a heading. */
const told = (heading: string, index: number): string[] =>
  table('src/client/README.md', heading, index).flatMap(([cell]) =>
    [...cell.matchAll(/`([a-zA-Z.]+)/g)].map(([, name]) => name),
  );

test('the tables of meta commands name every command and every option', async (t) => {
  const cache = createClient('127.0.0.1:1');
  t.after(() => cache.close({ timeoutMs: 0 }));
  const { meta } = cache;
  const unknown = { unknown: true } as object;
  const calls = {
    'meta.get': meta.get('k', unknown),
    'meta.set': meta.set('k', 'v', unknown),
    'meta.delete': meta.delete('k', unknown),
    'meta.arithmetic': meta.arithmetic('k', unknown),
    'meta.debug': meta.debug('k', unknown),
    'meta.noop': meta.noop(unknown),
  };
  assert.deepEqual(told('Meta commands', 0).toSorted(), Object.keys(calls).toSorted());
  const allowed = new Set<string>();
  for (const call of [...Object.values(calls), cache.inspect('k', unknown)]) {
    const [, names = ''] = (await rejection(call)).message.split('allowed are ');
    for (const name of names.split(', ')) allowed.add(name);
  }
  for (const common of ['signal', 'timeoutMs', 'routeBy', 'onError', 'lane', 'server'])
    allowed.delete(common);
  const options = new Set(told('Meta commands', 1));
  assert.deepEqual([...options].toSorted(), [...allowed].toSorted());
});
