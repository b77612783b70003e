import { DOCUMENTS } from '../support/documents.ts';
import { testPrograms } from '../support/document-programs.ts';

testPrograms(
  'migration',
  DOCUMENTS.filter((path) => path.startsWith('src/adapters/migration/')),
);
