import { DOCUMENTS } from '../support/documents.ts';
import { testPrograms } from '../support/document-programs.ts';

testPrograms(
  'front',
  DOCUMENTS.filter((path) => !path.startsWith('src/')),
);
