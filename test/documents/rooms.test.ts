import { DOCUMENTS } from '../support/documents.ts';
import { testPrograms } from '../support/document-programs.ts';

testPrograms(
  'rooms',
  DOCUMENTS.filter((path) => path.startsWith('src/') && !path.startsWith('src/adapters/')),
);
