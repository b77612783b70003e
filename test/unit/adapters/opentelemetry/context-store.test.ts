import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import * as api from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { contextStore } from '../../../../src/adapters/opentelemetry/context-store.ts';

const KEY = api.createContextKey('test');

/** A store as channels of newer releases of Node use it. */
interface Scoping {
  withScope(value: api.Context): Disposable;
}

after(() => {
  api.context.disable();
});

test('there is a store, and without a manager of contexts it does no harm', () => {
  const store = contextStore(api);
  assert.ok(store !== undefined);
  const value = api.ROOT_CONTEXT.setValue(KEY, 1);
  assert.equal(
    store.run(value, () => 'ran'),
    'ran',
  );
  (store as unknown as Scoping).withScope(value)[Symbol.dispose]();
  assert.equal(api.context.active().getValue(KEY), undefined);
});

test('a scope has its context until it ends, of a manager that came later', () => {
  const store = contextStore(api) as unknown as Scoping;
  api.context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  const scope = store.withScope(api.ROOT_CONTEXT.setValue(KEY, 1));
  assert.equal(api.context.active().getValue(KEY), 1);
  scope[Symbol.dispose]();
  assert.equal(api.context.active().getValue(KEY), undefined);
});
