// The tests Keyv has for its storage adapters, run by vitest: see keyv.test.ts.
import keyvTestSuite, { keyvIteratorTests } from '@keyv/test-suite';
import { Keyv } from 'keyv';
import * as vitest from 'vitest';
import { KeyvMemvolley } from '../../src/adapters/keyv/index.ts';
import { createClient } from '../../src/index.ts';

const cache = createClient({ servers: process.env['KEYV_SUITE_SERVER'] ?? '', timeoutMs: 10_000 });
vitest.afterAll(() => cache.close());

const store = (): KeyvMemvolley => new KeyvMemvolley(cache);

keyvTestSuite(vitest, Keyv, store);
keyvIteratorTests(vitest, Keyv, store);
