import { DOCUMENTS } from '../support/documents.ts';
import { testPrograms } from '../support/document-programs.ts';

testPrograms(
  'adapters',
  DOCUMENTS.filter(
    (path) => path.startsWith('src/adapters/') && !path.startsWith('src/adapters/migration/'),
  ),
);
