import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseServer } from '../../../src/connection/address.ts';
import type { HashNode } from '../../../src/routing/hasher.ts';
import {
  hashringText,
  hostPortText,
  libmemcachedText,
  type NodeText,
} from '../../../src/routing/node-text.ts';

/** A server, and its text for pymemcache and others, for libmemcached, for the npm package memcached. */
const TEXTS: [string, string, string, string][] = [
  ['h', 'h:11211', 'h', 'h'],
  ['h:22122', 'h:22122', 'h:22122', 'h:22122'],
  ['10.0.0.1:11211', '10.0.0.1:11211', '10.0.0.1', '10.0.0.1'],
  ['[::1]', '::1:11211', '::1', '[::1]:11211'],
  ['[::1]:5', '::1:5', '::1:5', '[::1]:5'],
  ['unix:/run/mc.sock', '/run/mc.sock', '/run/mc.sock:0', '/run/mc.sock'],
];
const RULES: NodeText[] = [hostPortText, libmemcachedText, hashringText];

test('each rule names a server its own way, from its address or from its name alone', () => {
  for (const [spec, ...texts] of TEXTS) {
    const address = parseServer(spec);
    const { name } = address;
    RULES.forEach((rule, i) => {
      assert.equal(rule({ ...address, spelling: name }), texts[i]);
      assert.equal(rule({ name, weight: 1 }), texts[i]);
    });
  }
});

test('a name that is no address is taken as it is', () => {
  for (const rule of RULES) assert.equal(rule({ name: 'cache-a', weight: 1 }), 'cache-a');
});

test('a label stands for all of it', () => {
  const node: HashNode = { ...parseServer('h:5'), label: 'host/10.0.0.1:5' };
  for (const rule of RULES) assert.equal(rule(node), 'host/10.0.0.1:5');
});

test('only the npm package looks at how a server was spelled', () => {
  const node: HashNode = { ...parseServer('h:5'), spelling: 'H:5' };
  assert.deepEqual(
    RULES.map((rule) => rule(node)),
    ['h:5', 'h:5', 'H:5'],
  );
});
