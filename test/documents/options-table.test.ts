import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { DOCUMENTS, readDocument } from '../support/documents.ts';
import { type OptionSchema, SCHEMA_FILE } from '../support/option-schema.ts';
import { withTable } from '../support/options-table.ts';

const schema = JSON.parse(readFileSync(SCHEMA_FILE, 'utf8')) as OptionSchema;

test('tables of options say what the schema says', () => {
  const written = DOCUMENTS.filter((path) => {
    const text = readDocument(path);
    const current = withTable(text, schema);
    assert.ok(current === undefined || text === current, `${path}: run \`npm run docs:options\``);
    return current !== undefined;
  });
  assert.ok(written.includes('README.md'));
});

test('a table has a row for each option and for each part of a group', () => {
  const few: OptionSchema = {
    properties: {
      servers: { description: 'Where.', anyOf: [] },
      hash: { description: "Of 'a|b'.\n\nDetails.", default: 'a' },
      retry: {
        description: 'Again.',
        properties: { attempts: { description: 'Times.', default: 2 } },
      },
      workers: { description: 'Threads.\n\nDefault: one.' },
    },
  };
  const document = 'before\n<!-- options -->\nold\n<!-- /options -->\nafter\n';
  assert.equal(
    withTable(document, few),
    [
      'before\n<!-- options -->\n\n<!-- prettier-ignore-start -->\n',
      '| option | default | meaning |\n| --- | --- | --- |',
      '| `servers` | required | Where. |',
      String.raw`| ${'`hash`'} | ${"`'a'`"} | Of 'a\|b'. [More](src/routing/README.md#which-server-has-a-key). |`,
      '| `retry.attempts` | 2 | Times. |',
      '| `workers` | one | Threads. |',
      '\n<!-- prettier-ignore-end -->\n\n<!-- /options -->\nafter\n',
    ].join('\n'),
  );
  assert.equal(withTable('no markers\n', few), undefined);
});
