import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import {
  ATTR_DB_SYSTEM_NAME,
  ATTR_NETWORK_PEER_ADDRESS,
  ATTR_NETWORK_PEER_PORT,
  ATTR_SERVER_ADDRESS,
  ATTR_SERVER_PORT,
  DB_SYSTEM_NAME_VALUE_MEMCACHED,
  METRIC_DB_CLIENT_CONNECTION_COUNT,
  METRIC_DB_CLIENT_CONNECTION_CREATE_TIME,
  METRIC_DB_CLIENT_CONNECTION_PENDING_REQUESTS,
  METRIC_DB_CLIENT_CONNECTION_USE_TIME,
  METRIC_DB_CLIENT_CONNECTION_WAIT_TIME,
  METRIC_DB_CLIENT_OPERATION_DURATION,
} from '@opentelemetry/semantic-conventions/incubating';
import {
  figureAttributes,
  placeOf,
  SCOPE,
  serverAttributes,
  SYSTEM,
} from '../../../../src/adapters/opentelemetry/attributes.ts';
import {
  EXPORTED_DURATIONS,
  EXPORTED_NUMBERS,
} from '../../../../src/adapters/opentelemetry/exported.ts';

test('the version is that of package.json', () => {
  const manifest = new URL('../../../../../package.json', import.meta.url);
  const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { version: string };
  assert.equal(SCOPE.version, version);
});

for (const [server, address, port] of [
  ['cache-1:11211', 'cache-1', 11211],
  ['127.0.0.1:5', '127.0.0.1', 5],
  ['[fd00::1]:11212', 'fd00::1', 11212],
  ['unix:/run/mc.sock', '/run/mc.sock', undefined],
] as const) {
  test(`the parts of ${server}`, () => {
    assert.deepEqual(placeOf(server), { address, port });
  });
}

test('the peer is told where it is known', () => {
  assert.deepEqual(serverAttributes({ address: 'cache-1', port: 11211 }), {
    [ATTR_SERVER_ADDRESS]: 'cache-1',
    [ATTR_SERVER_PORT]: 11211,
  });
  assert.deepEqual(serverAttributes({ address: 'fd00::1', port: 5 }), {
    [ATTR_SERVER_ADDRESS]: 'fd00::1',
    [ATTR_SERVER_PORT]: 5,
    [ATTR_NETWORK_PEER_ADDRESS]: 'fd00::1',
    [ATTR_NETWORK_PEER_PORT]: 5,
  });
  assert.deepEqual(serverAttributes({ address: '/run/mc.sock', port: undefined }), {
    [ATTR_SERVER_ADDRESS]: '/run/mc.sock',
    [ATTR_NETWORK_PEER_ADDRESS]: '/run/mc.sock',
    'network.transport': 'unix',
  });
});

test('labels have the names of OpenTelemetry', () => {
  assert.deepEqual(figureAttributes('pages', { server: 'h:1', state: 'up' }), {
    'memvolley.client': 'pages',
    [ATTR_SERVER_ADDRESS]: 'h',
    [ATTR_SERVER_PORT]: 1,
    'memvolley.state': 'up',
  });
  assert.deepEqual(figureAttributes('default', { server: 'unix:/a' }), {
    'memvolley.client': 'default',
    [ATTR_SERVER_ADDRESS]: '/a',
  });
  assert.deepEqual(SYSTEM, { [ATTR_DB_SYSTEM_NAME]: DB_SYSTEM_NAME_VALUE_MEMCACHED });
});

test('what the conventions name has their names, and everything else is ours', () => {
  const names = [...EXPORTED_NUMBERS, ...EXPORTED_DURATIONS].map(({ name }) => name);
  const theirs = names.filter((name) => !/^memvolley\.[a-z_.]+$/.test(name));
  assert.deepEqual(
    theirs.toSorted(),
    [
      METRIC_DB_CLIENT_CONNECTION_COUNT,
      METRIC_DB_CLIENT_CONNECTION_CREATE_TIME,
      METRIC_DB_CLIENT_CONNECTION_PENDING_REQUESTS,
      METRIC_DB_CLIENT_CONNECTION_USE_TIME,
      METRIC_DB_CLIENT_CONNECTION_WAIT_TIME,
      METRIC_DB_CLIENT_OPERATION_DURATION,
    ].toSorted(),
  );
  assert.equal(new Set(names).size, names.length);
});
