import assert from 'node:assert/strict';
import { test } from 'node:test';
import { discoveryOf, type DiscoveryOption } from '../../../src/discovery/discovery-option.ts';
import { staticList } from '../../../src/discovery/static.ts';
import { IllegalInputError } from '../../../src/errors.ts';

const context = { known: [], signal: new AbortController().signal };

const FORMS: [text: string, name: string][] = [
  [
    'elasticache://my.cfg.cache.amazonaws.com:11211',
    'elasticache my.cfg.cache.amazonaws.com:11211',
  ],
  ['elasticache://my.cfg', 'elasticache my.cfg:11211'],
  ['ELASTICACHE://my.cfg', 'elasticache my.cfg:11211'],
  ['memorystore://10.0.0.1:5', 'memorystore 10.0.0.1:5'],
  ['memorystore://[2600::1]:5', 'memorystore [2600::1]:5'],
  ['dns://cache.svc:11212', 'dns cache.svc:11212'],
  ['dns://cache.svc', 'dns cache.svc:11211'],
  ['srv://_memcache._tcp.cache.svc', 'srv _memcache._tcp.cache.svc'],
  ['file:///etc/servers', 'file /etc/servers'],
  ['file:///etc/my%20servers', 'file /etc/my servers'],
];

test('text names a discovery', () => {
  for (const [text, name] of FORMS) assert.equal(discoveryOf(text).name, name);
});

test('a discovery is taken as it is', () => {
  const discovery = staticList('a');
  assert.equal(discoveryOf(discovery), discovery);
  const own = { name: 'own', pollMs: 0, discover: async () => ['a'] };
  assert.equal(discoveryOf(own), own);
});

test('a function becomes a discovery that is asked once a minute', async () => {
  for (const ask of [() => ['a:1'], async () => ['a:1']]) {
    const discovery = discoveryOf(ask);
    assert.equal(discovery.name, 'discovery function');
    assert.equal(discovery.pollMs, 60_000);
    assert.equal(discovery.local, undefined);
    assert.deepEqual(await discovery.discover(context), ['a:1']);
  }
  const thrower = discoveryOf(() => {
    throw new Error('at once');
  });
  await assert.rejects(thrower.discover(context), /at once/);
});

const ILLEGAL: [option: unknown, reason: RegExp][] = [
  [undefined, /undefined is no discovery/],
  [null, /null is no discovery/],
  [5, /a number is no discovery/],
  [['a:1'], /an array is no discovery/],
  ['', /an empty string that is none of the forms/],
  ['hunter2:1', /a string that is none of the forms/],
  ['consul://hunter2', /a string that is none of the forms/],
  ['elasticache:hunter2', /a string that is none of the forms/],
  ['elasticache://', /its host or port is none/],
  ['elasticache:///run/hunter2', /its host or port is none/],
  ['elasticache://unix:/run/hunter2', /its host or port is none/],
  ['elasticache://u:hunter2@h:1', /its host or port is none/],
  ['elasticache://h:1/hunter2', /its host or port is none/],
  ['elasticache://h1,hunter2', /its host or port is none/],
  ['memorystore://h:0', /its host or port is none/],
  ['dns://h:x', /its host or port is none/],
  ['dns://h?family=6', /its host or port is none/],
  ['srv://', /no 'srv:\/\/name'/],
  ['srv://h:5', /no 'srv:\/\/name'/],
  ['file://servers', /no 'file:\/\/\/path'/],
  ['file:///', /no 'file:\/\/\/path'/],
  ['file:///a%', /no 'file:\/\/\/path'/],
  ['file:///a?b', /no 'file:\/\/\/path'/],
  [{}, /its name must be a string/],
  [{ name: 'a', pollMs: 0 }, /its discover must be a function/],
  [{ name: 'a', pollMs: 0, discover: () => {}, watch: 5 }, /its watch must be a function/],
];

test('everything else is refused with the reason, what is allowed, and no secret', () => {
  for (const [option, reason] of ILLEGAL) {
    assert.throws(
      () => discoveryOf(option as DiscoveryOption),
      (error: Error) => {
        assert.ok(error instanceof IllegalInputError, String(error));
        assert.match(error.message, /^option 'discovery': /);
        assert.match(error.message, reason);
        assert.match(error.message, /allowed are 'elasticache:\/\/host:port'/);
        assert.doesNotMatch(error.message, /hunter2/);
        return true;
      },
    );
  }
});

test('the pollMs of an object is checked', () => {
  for (const pollMs of [undefined, -1, 0.5, 2 ** 31, '5']) {
    const option = { name: 'a', pollMs, discover: async () => [] } as unknown as DiscoveryOption;
    assert.throws(() => discoveryOf(option), /^IllegalInputError: option 'discovery\.pollMs' must/);
  }
});
