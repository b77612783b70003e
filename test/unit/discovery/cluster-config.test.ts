import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type ClusterConfig,
  ClusterConfigParser,
  CONFIG_QUESTION,
  type ConfigQuestion,
  LEGACY_QUESTION,
} from '../../../src/discovery/cluster-config.ts';
import { MemcacheError } from '../../../src/errors.ts';
import { configReply } from '../../support/config-endpoint.ts';

/** As Amazon prints it. */
const TWO_NODES =
  'CONFIG cluster 0 136\r\n' +
  '12\n' +
  'myCluster.pc4ldq.0001.use1.cache.amazonaws.com|10.82.235.120|11211 ' +
  'myCluster.pc4ldq.0002.use1.cache.amazonaws.com|10.80.249.27|11211\n' +
  '\r\nEND\r\n';
const TWO: ClusterConfig = {
  version: 12,
  nodes: [
    {
      host: 'myCluster.pc4ldq.0001.use1.cache.amazonaws.com',
      ip: '10.82.235.120',
      port: 11211,
    },
    { host: 'myCluster.pc4ldq.0002.use1.cache.amazonaws.com', ip: '10.80.249.27', port: 11211 },
  ],
};

function parse(
  pieces: readonly string[],
  question: ConfigQuestion = CONFIG_QUESTION,
): ClusterConfig | undefined {
  const parser = new ClusterConfigParser('cfg:1', question);
  let config: ClusterConfig | undefined;
  for (const piece of pieces) {
    assert.equal(config, undefined, 'nothing follows a whole answer');
    config = parser.feed(Buffer.from(piece, 'latin1'));
  }
  return config;
}

/** Where the error was thrown says nothing about which one it is. */
function refusal(pieces: readonly string[], question?: ConfigQuestion): MemcacheError {
  try {
    parse(pieces, question);
  } catch (error) {
    assert.ok(error instanceof MemcacheError, String(error));
    assert.equal(error.server, 'cfg:1');
    assert.equal(error.sent, 'yes');
    return error;
  }
  return assert.fail(`not refused: ${JSON.stringify(pieces)}`);
}

test('an answer is read whole, cut at any byte, and byte by byte', () => {
  assert.deepEqual(parse([TWO_NODES]), TWO);
  for (let cut = 1; cut < TWO_NODES.length; cut++) {
    assert.deepEqual(parse([TWO_NODES.slice(0, cut), TWO_NODES.slice(cut)]), TWO, `cut ${cut}`);
  }
  assert.deepEqual(parse(TWO_NODES.split('')), TWO);
});

test('no part of an answer is taken for a whole one', () => {
  for (let end = 0; end < TWO_NODES.length; end++) {
    assert.equal(parse([TWO_NODES.slice(0, end)]), undefined, `${end} bytes`);
  }
});

test('the memory of a piece may be used again', () => {
  const parser = new ClusterConfigParser('cfg:1', CONFIG_QUESTION);
  const memory = Buffer.alloc(16);
  let config: ClusterConfig | undefined;
  for (let at = 0; at < TWO_NODES.length; at += memory.length) {
    const bytes = memory.write(TWO_NODES.slice(at, at + memory.length), 'latin1');
    config = parser.feed(memory.subarray(0, bytes));
  }
  assert.deepEqual(config, TWO);
});

test('a host or an ip may be missing, an ip may be a long one, a cluster may be empty', () => {
  assert.deepEqual(parse([configReply(1, ['h||1', '|10.0.0.1|2', 'h|2600::1|65535'])])?.nodes, [
    { host: 'h', ip: '', port: 1 },
    { host: '', ip: '10.0.0.1', port: 2 },
    { host: 'h', ip: '2600::1', port: 65_535 },
  ]);
  assert.deepEqual(parse([configReply(1, [])]), { version: 1, nodes: [] });
});

test('the old question is answered with an item', () => {
  const reply = configReply(3, ['h|10.0.0.1|1'], 'VALUE AmazonElastiCache:cluster');
  assert.equal(parse(reply.split(''), LEGACY_QUESTION)?.version, 3);
  assert.equal(refusal([reply]).code, 'ERR_MEMCACHE_PROTOCOL');
  assert.equal(refusal([TWO_NODES], LEGACY_QUESTION).code, 'ERR_MEMCACHE_PROTOCOL');
});

test('a hundred nodes with long names fit', () => {
  const nodes = Array.from({ length: 250 }, (_, i) => `${'n'.repeat(200)}${i}|10.0.0.1|11211`);
  const reply = configReply(9, nodes);
  assert.equal(parse([reply])?.nodes.length, 250);
  assert.equal(parse(reply.split(''))?.nodes.length, 250);
});

test('what follows the answer is not looked at, in whatever pieces it comes', () => {
  assert.deepEqual(parse([`${TWO_NODES}garbage`]), TWO);
  assert.deepEqual(parse([`${TWO_NODES}${'x'.repeat(100_000)}`]), TWO);
});

const REFUSED: [reply: string, code: MemcacheError['code'], reason: RegExp][] = [
  ['ERROR\r\n', 'ERR_MEMCACHE_OPTION', /cfg:1 is a plain memcached: it has no configuration/],
  ['END\r\n', 'ERR_MEMCACHE_OPTION', /cfg:1 holds no configuration/],
  ['ERROR Too many open connections\r\n', 'ERR_MEMCACHE_UNKNOWN_COMMAND', /Too many open/],
  ['CLIENT_ERROR unauthenticated\r\n', 'ERR_MEMCACHE_AUTH', /unauthenticated/],
  ['SERVER_ERROR out of memory\r\n', 'ERR_MEMCACHE_SERVER', /out of memory/],
  ['VERSION 1.6.18\r\n', 'ERR_MEMCACHE_PROTOCOL', /no memcached configuration/],
  ['HTTP/1.1 400 Bad Request\r\n', 'ERR_MEMCACHE_PROTOCOL', /no memcached configuration/],
  ['-ERR unknown command\r\n', 'ERR_MEMCACHE_PROTOCOL', /no memcached configuration/],
  ['\x15\x03\x03\x00\x02\x02\x46', 'ERR_MEMCACHE_PROTOCOL', /no memcached configuration/],
  [`ERROR ${'x'.repeat(600)}`, 'ERR_MEMCACHE_PROTOCOL', /no memcached configuration/],
  ['CONFIG cluster 0 5\n1\nh||1\n\r\nEND\r\n', 'ERR_MEMCACHE_PROTOCOL', /no memcached/],
  ['CONFIG other 0 5\r\n', 'ERR_MEMCACHE_PROTOCOL', /no memcached configuration/],
  ['CONFIG cluster 0\r\n', 'ERR_MEMCACHE_PROTOCOL', /no memcached configuration/],
  ['CONFIG cluster 0 -5\r\n', 'ERR_MEMCACHE_PROTOCOL', /no memcached configuration/],
  ['CONFIG cluster 0 5 7\r\n', 'ERR_MEMCACHE_PROTOCOL', /no memcached configuration/],
  ['CONFIG cluster 0 65537\r\n', 'ERR_MEMCACHE_PROTOCOL', /more than 65536 bytes/],
  ['CONFIG cluster 0 9999999999\r\n', 'ERR_MEMCACHE_PROTOCOL', /more than 65536 bytes/],
  ['CONFIG cluster 0 6\r\n1\nh||1\n\r\nEND\r\n', 'ERR_MEMCACHE_PROTOCOL', /its length/],
  ['CONFIG cluster 0 8\r\n1\nh||1\n\r\nEND\r\n', 'ERR_MEMCACHE_PROTOCOL', /its length/],
  ['CONFIG cluster 0 7\r\n1\nh||1\n\r\nERR', 'ERR_MEMCACHE_PROTOCOL', /its length/],
  ['CONFIG cluster 0 0\r\n\r\nEND\r\n', 'ERR_MEMCACHE_PROTOCOL', /a line of version/],
  ['CONFIG cluster 0 6\r\n1\nh||1\r\nEND\r\n', 'ERR_MEMCACHE_PROTOCOL', /a line of version/],
  [configReply('', ['h||1']), 'ERR_MEMCACHE_PROTOCOL', /a line of version/],
  [configReply('-1', ['h||1']), 'ERR_MEMCACHE_PROTOCOL', /a line of version/],
  [configReply('1.5', ['h||1']), 'ERR_MEMCACHE_PROTOCOL', /a line of version/],
  [configReply('9'.repeat(16), ['h||1']), 'ERR_MEMCACHE_PROTOCOL', /a line of version/],
  [configReply(1, ['h||1\nh||2']), 'ERR_MEMCACHE_PROTOCOL', /a line of version/],
  [configReply(1, ['h||1', '']), 'ERR_MEMCACHE_PROTOCOL', /its node 2 /],
  [configReply(1, ['h||1', '', 'h||2']), 'ERR_MEMCACHE_PROTOCOL', /its node 2 /],
  [configReply(1, ['||1']), 'ERR_MEMCACHE_PROTOCOL', /its node 1 /],
  [configReply(1, ['h|1']), 'ERR_MEMCACHE_PROTOCOL', /its node 1 /],
  [configReply(1, ['h||1|x']), 'ERR_MEMCACHE_PROTOCOL', /its node 1 /],
  [configReply(1, ['h|300.1.1.1|1']), 'ERR_MEMCACHE_PROTOCOL', /its node 1 /],
  [configReply(1, ['h|other|1']), 'ERR_MEMCACHE_PROTOCOL', /its node 1 /],
  [configReply(1, ['h/x||1']), 'ERR_MEMCACHE_PROTOCOL', /its node 1 /],
  [configReply(1, ['h\0||1']), 'ERR_MEMCACHE_PROTOCOL', /its node 1 /],
  [configReply(1, [`${'h'.repeat(254)}||1`]), 'ERR_MEMCACHE_PROTOCOL', /its node 1 /],
  ...['', '0', '65536', '-1', '1e3', '011', '1 '].map(
    (port): [string, MemcacheError['code'], RegExp] => [
      configReply(1, [`h||${port}`]),
      'ERR_MEMCACHE_PROTOCOL',
      /its node \d /,
    ],
  ),
];

test('everything else is refused with its reason, whole, at any cut, and byte by byte', () => {
  for (const [reply, code, reason] of REFUSED) {
    const whole = refusal([reply]);
    assert.equal(whole.code, code, reply);
    assert.match(whole.message, reason);
    for (let cut = 1; cut < reply.length; cut++) {
      const error = refusal([reply.slice(0, cut), reply.slice(cut)]);
      assert.equal(error.message, whole.message, `${JSON.stringify(reply)} cut at ${cut}`);
    }
    assert.equal(refusal(reply.split('')).message, whole.message);
  }
});

test('a stranger is known by the first byte that is wrong', () => {
  const refusedAt = (reply: string): number => {
    const parser = new ClusterConfigParser('cfg:1', CONFIG_QUESTION);
    return reply.split('').findIndex((byte) => {
      try {
        return parser.feed(Buffer.from(byte, 'latin1')) !== undefined;
      } catch {
        return true;
      }
    });
  };
  assert.equal(refusedAt('HTTP/1.1'), 0);
  assert.equal(refusedAt('ENDING'), -1, 'its line may still say why');
  assert.equal(refusedAt('CONFIG clumsy'), 'CONFIG clu'.length);
  assert.equal(refusedAt('CONFIG cluster 0 7\r\n1\nh||1\n\r\nENX'), 31);
});

test('no message repeats what was answered but the words of the server', () => {
  for (const reply of ['HTTP/1.1 hunter2\r\n', configReply(1, ['hunter2||x'])]) {
    assert.doesNotMatch(refusal([reply]).message, /hunter2/);
  }
});

test('asking again may help against a passing error, not against a plain memcached', () => {
  assert.equal(refusal(['ERROR\r\n']).retryable, false);
  assert.equal(refusal(['END\r\n']).retryable, false);
  assert.equal(refusal(['SERVER_ERROR x\r\n']).retryable, true);
  assert.equal(refusal(['HTTP/1.1\r\n']).retryable, true);
});
