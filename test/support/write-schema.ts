// Writes src/config/schema.json: npm run schema
import { writeFileSync } from 'node:fs';
import { SCHEMA_FILE, schemaText } from './option-schema.ts';

writeFileSync(SCHEMA_FILE, schemaText());
