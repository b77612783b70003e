import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MemcacheError } from '../../../src/errors.ts';
import { wireKey } from '../../../src/protocol/key.ts';
import { RequestWriter } from '../../../src/protocol/request-writer.ts';
import type { ServerLimits } from '../../../src/server/limits.ts';
import {
  isAnswerTo,
  QUIET_OVERHEAD_BYTES,
  quietCommandOf,
  type QuietRequest,
  type QuietVerb,
} from '../../../src/server/quiet-commands.ts';
import { Port } from '../../support/waiters.ts';

const BASE64 = wireKey(Buffer.from('a b'), '');

const storeOf = (given: Partial<Extract<QuietRequest, { data: unknown }>> = {}): QuietRequest => ({
  verb: 'set',
  key: 'k',
  flags: 16,
  exptime: 60,
  cas: undefined,
  data: 'text',
  release: undefined,
  ...given,
});

function textOf(
  request: QuietRequest,
  quiet: boolean,
  limits: Partial<ServerLimits> = {},
  maxTtl?: number,
): string {
  const writer = new RequestWriter();
  quietCommandOf(request, maxTtl).write(writer, quiet, new Port(limits));
  return Buffer.concat(writer.take().chunks).toString('latin1');
}

const META = { speaksMeta: true };

test('where the meta commands are spoken they are used for what is not answered', () => {
  assert.equal(textOf(storeOf(), true, META), 'ms k 4 F16 T60 MS q\r\ntext\r\n');
  assert.equal(textOf(storeOf(), true), 'set k 16 60 4 noreply\r\ntext\r\n');
  assert.equal(textOf(storeOf(), false, META), 'set k 16 60 4\r\ntext\r\n');
  assert.equal(textOf({ verb: 'delete', key: 'k' }, true, META), 'md k q\r\n');
  assert.equal(textOf({ verb: 'incr', key: 'k', delta: 3n }, true, META), 'ma k MI D3 q\r\n');
  assert.equal(textOf({ verb: 'incr', key: 'k', delta: 3n }, true), 'incr k 3 noreply\r\n');
});

test('touch stays classic, save for keys only a meta command can carry', () => {
  const touch = { verb: 'touch', key: 'k', exptime: 9 } as const;
  assert.equal(textOf(touch, true, META), 'touch k 9 noreply\r\n');
  assert.equal(textOf(touch, false, META), 'touch k 9\r\n');
  assert.equal(textOf({ ...touch, key: BASE64 }, true, META), 'mg YSBi b T9 q\r\n');
  assert.equal(textOf({ ...touch, key: BASE64 }, false, META), 'mg YSBi b T9\r\n');
});

test('a key in base64 is refused, before its first byte, where the meta commands are not spoken', () => {
  const refusal = { code: 'ERR_MEMCACHE_UNSUPPORTED', sent: 'no', server: 'a:1' };
  for (const quiet of [true, false]) {
    assert.throws(() => textOf(storeOf({ key: BASE64 }), quiet), refusal);
    assert.throws(() => textOf({ verb: 'delete', key: BASE64 }, quiet), refusal);
  }
});

test('a value that must not go is refused before its first byte', () => {
  const writer = new RequestWriter();
  const refusedWith = (request: QuietRequest, spoil: () => void = () => {}): string => {
    const command = quietCommandOf(request, undefined);
    spoil();
    try {
      command.write(writer, true, new Port({ configured: 4 }));
    } catch (error) {
      return (error as MemcacheError).code;
    }
    return 'sent';
  };
  assert.equal(refusedWith(storeOf({ data: 'texts' })), 'ERR_MEMCACHE_TOO_LARGE');
  const bytes = new Uint8Array(3);
  const spoil = (): void => void structuredClone(bytes, { transfer: [bytes.buffer] });
  assert.equal(refusedWith(storeOf({ data: bytes }), spoil), 'ERR_MEMCACHE_VALUE');
  assert.equal(writer.length, 0);
  assert.equal(refusedWith(storeOf()), 'sent');
});

test('no item lives longer than its server allows', () => {
  assert.match(textOf(storeOf({ exptime: 0 }), true, {}, 10), / 10 4 noreply/);
  assert.match(textOf(storeOf({ exptime: -1 }), true, {}, 10), / -1 4 noreply/);
  assert.equal(
    textOf({ verb: 'touch', key: 'k', exptime: 60 }, true, {}, 10),
    'touch k 10 noreply\r\n',
  );
  assert.equal(textOf({ verb: 'delete', key: 'k' }, true, {}, 10), 'delete k noreply\r\n');
});

test('nothing takes more beside its key and its value than is reckoned with', () => {
  const delta = 2n ** 64n - 1n;
  const longest: QuietRequest[] = [
    storeOf({ verb: 'replace', flags: 2 ** 32 - 1, exptime: 2 ** 31 - 1, data: 'x'.repeat(1e6) }),
    storeOf({ verb: 'prepend', flags: 2 ** 32 - 1, exptime: 2 ** 31 - 1, data: 'x'.repeat(1e6) }),
    { verb: 'incr', key: 'k', delta },
    { verb: 'touch', key: 'k', exptime: 2 ** 31 - 1 },
    { verb: 'delete', key: 'k' },
  ];
  for (const request of longest) {
    for (const key of ['k', BASE64]) {
      const keyed = { ...request, key } as QuietRequest;
      const { length } = quietCommandOf(keyed, undefined);
      const text = textOf(keyed, true, META);
      assert.ok(text.length <= key.length + length + QUIET_OVERHEAD_BYTES, text.slice(0, 80));
      if (key === BASE64) continue;
      const classic = textOf(keyed, true);
      assert.ok(classic.length <= key.length + length + QUIET_OVERHEAD_BYTES);
    }
  }
});

test('what they are counted as', () => {
  const counted = (request: QuietRequest): string => quietCommandOf(request, undefined).counter;
  assert.equal(counted(storeOf({ verb: 'append' })), 'stores');
  assert.equal(counted({ verb: 'delete', key: 'k' }), 'deletes');
  assert.equal(counted({ verb: 'decr', key: 'k', delta: 1n }), 'otherCommands');
  assert.equal(counted({ verb: 'touch', key: 'k', exptime: 1 }), 'otherCommands');
});

test('only its own words answer a verb', () => {
  const words: Record<string, QuietVerb[]> = {
    STORED: ['set', 'add', 'replace', 'append', 'prepend'],
    NOT_STORED: ['set', 'add', 'replace', 'append', 'prepend'],
    NS: ['set', 'add', 'replace', 'append', 'prepend'],
    HD: ['set', 'add', 'replace', 'append', 'prepend', 'delete', 'touch', 'incr', 'decr'],
    DELETED: ['delete'],
    TOUCHED: ['touch'],
    EN: ['touch'],
    'HD X W': ['touch'],
    NOT_FOUND: ['delete', 'touch', 'incr', 'decr'],
    NF: ['delete', 'incr', 'decr'],
    '18446744073709551615': ['incr', 'decr'],
    'HD k': [],
    OK: [],
    MN: [],
    '': [],
  };
  const all = words['HD'];
  for (const [line, verbs] of Object.entries(words))
    assert.deepEqual(
      all.filter((verb) => isAnswerTo(verb, line)),
      verbs,
      line,
    );
});
