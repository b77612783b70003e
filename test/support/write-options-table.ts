// Writes the table of options into each document that has its markers: npm run docs:options
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DOCUMENTS, readDocument, ROOT } from './documents.ts';
import { type OptionSchema, SCHEMA_FILE } from './option-schema.ts';
import { withTable } from './options-table.ts';

const schema = JSON.parse(readFileSync(SCHEMA_FILE, 'utf8')) as OptionSchema;
for (const path of DOCUMENTS) {
  const written = withTable(readDocument(path), schema);
  if (written !== undefined) writeFileSync(join(ROOT, path), written);
}
