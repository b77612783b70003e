import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { TypedEmitter } from '../../../src/primitives/typed-emitter.ts';

interface Events {
  server: [name: string, state: string];
  shed: [];
  error: [error: Error];
}

const MODULE = new URL('../../../src/primitives/typed-emitter.js', import.meta.url).href;

test('listeners are called in order with the arguments of the event', () => {
  const emitter = new TypedEmitter<Events>();
  const seen: string[] = [];
  emitter.on('server', (name, state) => seen.push(`1 ${name} ${state}`));
  emitter.on('server', (name) => seen.push(`2 ${name}`));
  emitter.on('shed', () => seen.push('shed'));
  emitter.emit('server', 'a:1', 'ready');
  assert.deepEqual(seen, ['1 a:1 ready', '2 a:1']);
});

test('an event named error without a listener is nothing special', () => {
  assert.doesNotThrow(() => new TypedEmitter<Events>().emit('error', new Error('x')));
});

test('off removes one listener and leaves the rest', () => {
  const emitter = new TypedEmitter<Events>();
  let first = 0;
  let second = 0;
  const one = (): unknown => first++;
  emitter.on('shed', one).on('shed', () => second++);
  emitter.on('shed', one).off('shed', one);
  emitter.emit('shed');
  assert.deepEqual([first, second], [1, 1]);
  emitter.off('shed', one).off('shed', one);
  emitter.emit('shed');
  assert.deepEqual([first, second], [1, 2]);
});

test('once means once, also when it emits the event again itself, and off undoes it', () => {
  const emitter = new TypedEmitter<Events>();
  let calls = 0;
  emitter.once('shed', () => {
    calls++;
    emitter.emit('shed');
  });
  emitter.emit('shed');
  emitter.emit('shed');
  assert.equal(calls, 1);
  const listener = (): unknown => calls++;
  emitter.once('shed', listener).off('shed', listener);
  emitter.emit('shed');
  assert.equal(calls, 1);
});

test('once with an emit inside an earlier listener is still once', () => {
  const emitter = new TypedEmitter<Events>();
  let depth = 0;
  let calls = 0;
  emitter.on('shed', () => {
    if (depth++ === 0) emitter.emit('shed');
  });
  emitter.once('shed', () => calls++);
  emitter.emit('shed');
  assert.equal(calls, 1);
});

test('a listener added or removed while the event is emitted changes the next emit, not this one', () => {
  const emitter = new TypedEmitter<Events>();
  const seen: string[] = [];
  const late = (): unknown => seen.push('late');
  const last = (): unknown => seen.push('last');
  emitter.on('shed', () => emitter.on('shed', late).off('shed', last));
  emitter.on('shed', last);
  emitter.emit('shed');
  assert.deepEqual(seen, ['last']);
  emitter.emit('shed');
  assert.deepEqual(seen, ['last', 'late']);
});

test('hasListeners follows on, once and off', () => {
  const emitter = new TypedEmitter<Events>();
  const listener = (): void => {};
  assert.equal(emitter.hasListeners('shed'), false);
  emitter.on('shed', listener);
  assert.equal(emitter.hasListeners('shed'), true);
  assert.equal(emitter.hasListeners('server'), false);
  emitter.off('shed', listener).once('shed', listener);
  assert.equal(emitter.hasListeners('shed'), true);
  emitter.emit('shed');
  assert.equal(emitter.hasListeners('shed'), false);
});

test('a listener that throws stops neither the emitter nor the other listeners, and is reported as uncaught', async () => {
  const script = `
    import { TypedEmitter } from ${JSON.stringify(MODULE)};
    process.on('uncaughtException', (error) => console.log('uncaught', error.message));
    const emitter = new TypedEmitter();
    emitter.on('shed', () => { throw new Error('mine'); });
    emitter.on('shed', () => console.log('second'));
    emitter.emit('shed');
    console.log('emitted');`;
  const { stdout } = await promisify(execFile)(process.execPath, [
    '--input-type=module',
    '-e',
    script,
  ]);
  assert.deepEqual(stdout.trim().split('\n'), ['second', 'emitted', 'uncaught mine']);
});
