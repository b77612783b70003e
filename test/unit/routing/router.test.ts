import assert from 'node:assert/strict';
import { test } from 'node:test';
import { IllegalInputError } from '../../../src/errors.ts';
import { Router, type RouterNode } from '../../../src/routing/router.ts';

const refusal = (run: () => unknown): string => {
  try {
    run();
  } catch (error) {
    assert.ok(error instanceof IllegalInputError);
    assert.equal(error.code, 'ERR_MEMCACHE_OPTION');
    return error.message;
  }
  return assert.fail('not refused');
};

test("it starts empty and knows no key's server then", () => {
  const router = new Router();
  assert.deepEqual(router.nodes, []);
  assert.equal(router.locate('k'), undefined);
  assert.deepEqual(router.candidates('k'), []);
});

test('servers are added and removed as with pymemcache', () => {
  const router = new Router(['0', '1', '2']);
  const placed = (): unknown[] => ['ok', 'mykey', 'wat', 'lol'].map((key) => router.locate(key));
  assert.deepEqual(placed(), ['0', '1', '2', '2']);
  router.remove('2');
  assert.deepEqual(router.nodes, ['0', '1']);
  for (const name of placed()) assert.notEqual(name, '2');
  router.add('2');
  assert.deepEqual(placed(), ['0', '1', '2', '2']);
  router.remove('0');
  router.remove('1');
  router.remove('2');
  assert.equal(router.locate('k'), undefined);
});

test('the candidates are what it would answer without the servers before', () => {
  const router = new Router(['a:1', 'b:1', 'c:1', 'd:1']);
  const order = router.candidates('user:1');
  assert.equal(order.length, 4);
  for (const name of order) {
    assert.equal(router.locate('user:1'), name);
    router.remove(name);
  }
});

test('any hash, weights and labels', () => {
  const nodes: RouterNode[] = [
    { name: '127.0.0.1:22110' },
    { name: '127.0.0.1:22111', weight: 2 },
    { name: '127.0.0.1:22112', weight: 3 },
    { name: '127.0.0.1:22113', weight: 4 },
  ];
  const ketama = new Router(nodes, 'ketama');
  assert.equal(ketama.locate('user:42'), '127.0.0.1:22112');
  const own = new Router(['x', 'y'], () => ({ locate: () => 1 }));
  assert.equal(own.locate('k'), 'y');
  assert.deepEqual(own.candidates('k'), ['y', 'x']);
});

test('what cannot be a server, or is one already, is refused; what is none cannot be removed', () => {
  const router = new Router(['a:1']);
  assert.equal(
    refusal(() => router.add('a:1')),
    "option 'nodes': a server of this name is there already",
  );
  assert.equal(
    refusal(() => router.remove('b:1')),
    "option 'nodes': there is no server of this name",
  );
  assert.deepEqual(router.nodes, ['a:1']);
  for (const [node, problem] of [
    ['', 'the name of a server is a string that is not empty, not an empty string'],
    [{ weight: 1 }, 'the name of a server is a string that is not empty, not undefined'],
    [null, 'a server is a name or an object with one, not null'],
    [{ name: 'b', weight: 0 }, 'the weight of a server is a number above 0, not a number'],
    [{ name: 'b', weight: '2' }, 'the weight of a server is a number above 0, not a string'],
    [{ name: 'b', weight: Infinity }, 'the weight of a server is a number above 0, not Infinity'],
  ] as const) {
    assert.equal(
      refusal(() => router.add(node as RouterNode)),
      `option 'nodes': ${problem}`,
    );
  }
  for (const [nodes, kind] of [
    ['a:1', 'a string'],
    [{ hash: 'ketama' }, 'an object'],
  ] as const) {
    assert.equal(
      refusal(() => new Router(nodes as unknown as string[])),
      `option 'nodes': a list of servers is needed, not ${kind}`,
    );
  }
  assert.match(
    refusal(() => new Router([], 'nope' as 'ketama')),
    /^option 'hash' must be one of/,
  );
});
