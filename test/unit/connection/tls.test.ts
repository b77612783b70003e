import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ConnectionOptions as TlsOptions } from 'node:tls';
import { parseServer } from '../../../src/connection/address.ts';
import { checkTls, tlsFor } from '../../../src/connection/tls.ts';

const ILLEGAL: [given: unknown, message: RegExp][] = [
  ...[undefined, null, 5, 'x', []].map((given): [unknown, RegExp] => [given, /must be true or/]),
  ...['TLSv1', 'TLSv1.1', 'SSLv3', '', 1.2].flatMap((version): [unknown, RegExp][] => [
    [{ minVersion: version }, /TLSv1\.2 or TLSv1\.3 as minVersion/],
    [{ maxVersion: version }, /TLSv1\.2 or TLSv1\.3 as maxVersion/],
  ]),
  [{ secureProtocol: 'TLSv1_method' }, /secureProtocol/],
  [{ host: 'h' }, /no say about host/],
  [{ port: 1 }, /no say about port/],
  [{ path: '/p' }, /no say about path/],
  [{ socket: {} }, /no say about socket/],
];

test('options that would weaken or redirect a connection are refused by name', () => {
  for (const [given, message] of ILLEGAL)
    for (const shared of [true, false])
      assert.throws(() => checkTls(given, shared), { code: 'ERR_MEMCACHE_OPTION', message });
});

test('a session is one of one server', () => {
  const session = Buffer.from('s');
  assert.throws(() => checkTls({ session }, true), { message: /session/ });
  assert.deepEqual(checkTls({ session }, false), { session });
});

test('a certificate is expected to be for the name of the server, if it has one', () => {
  const expected = { minVersion: 'TLSv1.2', rejectUnauthorized: true };
  const named = (spec: Parameters<typeof parseServer>[0], given: TlsOptions = {}): TlsOptions =>
    tlsFor(parseServer(spec), given);
  assert.deepEqual(named('cache.test:1'), { ...expected, servername: 'cache.test' });
  assert.deepEqual(named('10.0.0.1:1'), expected);
  assert.deepEqual(named('[::1]:1'), expected);
  assert.deepEqual(named('/run/mc.sock'), expected);
  const servername = 'a.test';
  assert.deepEqual(named({ host: '10.0.0.1', servername }), { ...expected, servername });
  assert.deepEqual(named({ path: '/run/mc.sock', servername }), { ...expected, servername });
  const given = { servername: 'b.test', minVersion: 'TLSv1.3', ca: 'c' } as const;
  assert.deepEqual(named({ host: 'h', servername }, given), { rejectUnauthorized: true, ...given });
});
