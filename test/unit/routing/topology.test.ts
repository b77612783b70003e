import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseServer, type ServerSpec } from '../../../src/connection/address.ts';
import { Topology } from '../../../src/routing/topology.ts';
import { byNumber, LOST, serverOf } from './fleets.ts';

function topologyOf(...specs: ServerSpec[]): Topology {
  const addresses = specs.map((spec) => parseServer(spec));
  return new Topology(
    addresses,
    addresses.map((address) => serverOf(address)),
    byNumber,
  );
}

test('a key belongs to the server the hasher says', () => {
  const topology = topologyOf('a', 'b', 'c');
  assert.deepEqual(
    ['0', '1', '2', '4'].map((key) => topology.owner(key).name),
    ['a:11211', 'b:11211', 'c:11211', 'b:11211'],
  );
  assert.equal(topology.only, undefined);
});

test('of one server there is nothing to ask', () => {
  const addresses = [parseServer('a')];
  const server = serverOf(addresses[0]);
  const topology = new Topology(addresses, [server], () => ({
    locate: () => assert.fail('nothing to place'),
    candidates: () => [0],
    explain: () => undefined,
  }));
  assert.equal(topology.owner('any'), server);
  assert.equal(topology.only, server);
  assert.equal(topology.living('any'), server);
});

test('the first candidate that can be counted on stands in', () => {
  const topology = topologyOf('a', 'b', 'c');
  const [a, b, c] = topology.servers;
  assert.equal(topology.living('1'), b);
  b.health.doubt(LOST);
  assert.equal(topology.living('1'), c);
  c.health.doubt(LOST);
  assert.equal(topology.living('1'), a);
  a.health.doubt(LOST);
  assert.equal(topology.living('1'), undefined);
  for (const server of topology.servers) server.health.close();
});

test('a suspect keeps its keys', () => {
  const topology = topologyOf('a', 'b');
  const [, b] = topology.servers;
  b.health.failed(LOST);
  assert.equal(b.health.state, 'suspect');
  assert.equal(topology.living('1'), b);
  b.health.close();
});

test('a server is known by its name', () => {
  const topology = topologyOf('a', 'b:1');
  assert.equal(topology.server('b:1'), topology.servers[1]);
  assert.equal(topology.server('b'), undefined);
});

test('it is of the same addresses only if every key would be where it is', () => {
  const topology = topologyOf('a', { host: 'b', weight: 2, label: 'B' });
  const isOf = (...specs: ServerSpec[]): boolean =>
    topology.isOf(specs.map((spec) => parseServer(spec)));
  const b = { host: 'b', weight: 2, label: 'B' };
  assert.equal(isOf('a', b), true);
  assert.equal(isOf(b, 'a'), false, 'order');
  assert.equal(isOf('a'), false, 'fewer');
  assert.equal(isOf('a', b, 'c'), false, 'more');
  assert.equal(isOf('a', { ...b, weight: 1 }), false, 'weight');
  assert.equal(isOf('a', { ...b, label: 'C' }), false, 'label');
  assert.equal(isOf('a:11211', b), false, 'spelling');
  assert.equal(isOf('c', b), false, 'name');
});
