import assert from 'node:assert/strict';
import { AsyncLocalStorage } from 'node:async_hooks';
import { test } from 'node:test';
import { Scope } from '../../../src/primitives/scope.ts';
import { TypedEmitter } from '../../../src/primitives/typed-emitter.ts';

const store = new AsyncLocalStorage<string>();

test('work finds the stores there were when the scope was made', () => {
  const scope = store.run('then', () => new Scope());
  store.run('now', () => {
    assert.equal(
      scope.run(() => store.getStore()),
      'then',
    );
    assert.equal(store.getStore(), 'now');
  });
  const outside = new Scope();
  assert.equal(
    store.run('now', () => outside.run(() => store.getStore())),
    undefined,
  );
});

test('what the work throws is thrown', () => {
  const scope = new Scope();
  assert.throws(() => scope.run(() => assert.fail('it')), /it/);
});

test('a listener finds the stores there were when it was added', () => {
  const emitter = new TypedEmitter<{ event: [] }>();
  const found: unknown[] = [];
  store.run('adder', () => emitter.on('event', () => found.push(store.getStore())));
  store.run('emitter', () => emitter.emit('event'));
  assert.deepEqual(found, ['adder']);
});
