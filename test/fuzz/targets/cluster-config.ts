import assert from 'node:assert/strict';
import {
  type ClusterConfig,
  ClusterConfigParser,
  CONFIG_QUESTION,
  LEGACY_QUESTION,
} from '../../../src/discovery/cluster-config.ts';
import { MemcacheError } from '../../../src/errors.ts';
import { cutsOf, Input } from './bytes.ts';

const MOST_PAYLOAD = 65_536;

type Outcome = { readonly config: ClusterConfig | undefined } | { readonly code: string };

function read(bytes: Buffer, legacy: boolean, cuts: readonly number[]): Outcome {
  const parser = new ClusterConfigParser('server', legacy ? LEGACY_QUESTION : CONFIG_QUESTION);
  let from = 0;
  try {
    for (const cut of [...cuts, bytes.length]) {
      const config = parser.feed(bytes.subarray(from, cut));
      // What follows is not looked at.
      if (config !== undefined) return { config };
      from = cut;
    }
    return { config: undefined };
  } catch (error) {
    assert.ok(error instanceof MemcacheError, String(error));
    return { code: error.code };
  }
}

/** Bytes: which question, how the answer is cut, then the answer. */
export function fuzz(data: Buffer): void {
  const input = new Input(data);
  const legacy = input.byte() % 2 === 1;
  const choice = input.byte();
  const answer = input.rest();
  const whole = read(answer, legacy, []);
  const split = read(answer, legacy, cutsOf(choice, answer.length));
  assert.deepEqual(split, whole);
  if (!('config' in whole) || whole.config === undefined) return;
  const { version, nodes } = whole.config;
  assert.ok(Number.isSafeInteger(version) && version >= 0);
  assert.ok(nodes.length <= MOST_PAYLOAD);
  for (const { host, ip, port } of nodes) {
    assert.match(host, /^[\w.-]{0,253}$/);
    assert.ok(host !== '' || ip !== '');
    assert.ok(Number.isInteger(port) && port > 0 && port < 65_536);
  }
}

export function seeds(): Buffer[] {
  const configuration = (payload: string, header = 'CONFIG cluster 0'): string =>
    `${header} ${payload.length}\r\n${payload}\r\nEND\r\n`;
  const one = '12\nnode1.example.org|10.0.0.1|11211\n';
  const two = '13\nnode1.example.org|10.0.0.1|11211 node2.example.org||11212 |fd00::1|11213\n';
  return [
    configuration(one),
    configuration(two),
    configuration('1\n\n'),
    configuration('1\nnode|1.2.3|11211\n'),
    configuration('1\nnode|1.2.3.4|0\n'),
    configuration('99999999999999999\na|1.2.3.4|1\n'),
    configuration(one, 'VALUE AmazonElastiCache:cluster 0'),
    'CONFIG cluster 0 999999\r\n',
    'ERROR\r\n',
    'END\r\n',
    'SERVER_ERROR busy\r\n',
    'CLIENT_ERROR no\r\n',
    `CONFIG cluster 0 3\r\n1\n\n\r\nEND\r\n`,
  ].flatMap((answer, i) => [
    Buffer.concat([Buffer.from([i === 6 ? 1 : 0, i % 7]), Buffer.from(answer)]),
  ]);
}
