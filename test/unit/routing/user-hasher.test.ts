import assert from 'node:assert/strict';
import { test } from 'node:test';
import { IllegalInputError } from '../../../src/errors.ts';
import type { HashNode } from '../../../src/routing/hasher.ts';
import { checkedHasher, type UserHasher } from '../../../src/routing/user-hasher.ts';

const NODES: HashNode[] = ['a', 'b', 'c'].map((name) => ({ name, weight: 1 }));

const refused = (run: () => unknown, message: string): void =>
  assert.throws(run, (error) => {
    assert.ok(error instanceof IllegalInputError);
    assert.equal(error.code, 'ERR_MEMCACHE_OPTION');
    assert.equal(error.message, `option 'hash': the function ${message}`);
    return true;
  });

test('it is given the servers, and what it answers is taken', () => {
  const seen: unknown[] = [];
  const placement = checkedHasher((nodes) => {
    seen.push(nodes);
    return { locate: (key) => key.length % nodes.length, candidates: () => [1, 2] };
  })(NODES);
  assert.deepEqual(seen, [NODES]);
  assert.equal(placement.locate('k'), 1);
  assert.equal(placement.locate(new Uint8Array(5)), 2);
  assert.deepEqual(placement.candidates('k'), [1, 2]);
});

test('without candidates the servers that follow in the list stand in', () => {
  const placement = checkedHasher(() => ({ locate: () => 1 }))(NODES);
  assert.deepEqual(placement.candidates('k'), [1, 2, 0]);
});

test('its placement keeps its own this', () => {
  class Own {
    readonly #server = 2;
    locate(): number {
      return this.#server;
    }
  }
  assert.equal(checkedHasher(() => new Own())(NODES).locate('k'), 2);
});

test('an answer that is no placement is refused', () => {
  for (const [answer, kind] of [
    [undefined, 'undefined'],
    [3, 'a number'],
    [{}, 'an object'],
    [{ locate: () => 0, candidates: [0] }, 'an object'],
  ] as const) {
    refused(
      () => checkedHasher((() => answer) as unknown as UserHasher)(NODES),
      `must answer an object with a function 'locate'; got ${kind}`,
    );
  }
});

test('what it throws is the cause of a refusal', () => {
  const thrown = new Error('of the user');
  const hasher = (): never => {
    throw thrown;
  };
  const expected = { code: 'ERR_MEMCACHE_OPTION', message: /must not throw/, cause: thrown };
  assert.throws(() => checkedHasher(hasher)(NODES), expected);
  assert.throws(() => checkedHasher(() => ({ locate: hasher }))(NODES).locate('k'), expected);
  const placement = checkedHasher(() => ({ locate: () => 1, candidates: hasher }))(NODES);
  assert.throws(() => placement.candidates('k'), expected);
});

test('a number that is no server is refused', () => {
  for (const [answer, kind] of [
    [3, 'a number'],
    [-1, 'a negative number'],
    [0.5, 'a fraction'],
    [Number.NaN, 'NaN'],
    ['1', 'a string'],
    [undefined, 'undefined'],
  ] as const) {
    const placement = checkedHasher(() => ({ locate: () => answer as number }))(NODES);
    const message = `must answer an integer from 0 to 2 from 'locate'; got ${kind}`;
    refused(() => placement.locate('k'), message);
    refused(() => placement.candidates('k'), message);
  }
});

test('candidates that are no list of servers, each once and the own one first, are refused', () => {
  const placed = (answer: unknown): (() => unknown) => {
    const hasher = checkedHasher(() => ({ locate: () => 1, candidates: () => answer as number[] }));
    return () => hasher(NODES).candidates('k');
  };
  refused(placed('12'), "must answer a list from 'candidates'; got a string");
  refused(placed([1, 3]), "must answer an integer from 0 to 2 from 'candidates'; got a number");
  const order = "must answer from 'candidates' each server once, the one of 'locate' first";
  for (const answer of [[2, 1], [1, 1], []]) refused(placed(answer), order);
});
