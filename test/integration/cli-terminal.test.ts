// On a terminal: colours, inspection instead of raw bytes, the live view and Ctrl-C.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { createClient } from '../../src/index.ts';
import { type RunningMemcached, startMemcached } from '../../src/testing/index.ts';
import { hasScript, inTerminal, memvolley } from './cli-programs.ts';

const ESCAPE = '\u001b';
const skip = hasScript ? false : 'script (util-linux) is not installed';

describe('on a terminal', { timeout: 120_000, skip }, () => {
  let server: RunningMemcached;

  before(async () => {
    server = await startMemcached();
    const client = createClient(server.address);
    await client.setMany({
      object: { a: 1 },
      bytes: Buffer.from('\u001b[2Jbytes'),
      text: '\u001b[31m',
    });
    await client.close();
  });

  after(() => server.stop());

  test('get shows what a value is, in colours, and no value can command the terminal', async () => {
    const object = await inTerminal(['get', 'object', '--servers', server.address]);
    assert.match(object.text, /^\{ a: \S\[33m1\S\[39m \}\s*$/);
    const bytes = await inTerminal(['get', 'bytes', '--servers', server.address]);
    assert.match(bytes.text, /<Buffer 1b 5b 32 4a/);
    assert.match(bytes.text, /9 bytes; to have them as they are: memvolley get KEY > FILE/);
    assert.ok(!bytes.text.includes(`${ESCAPE}[2J`));
    const text = await inTerminal(['get', 'text', '--servers', server.address]);
    assert.match(text.text, /'\\x1B\[31m'/);
  });

  test('stats has a screen of its own, and Ctrl-C gives the terminal back', async () => {
    const typed = [{ afterMs: 3500, text: '\u0003' }];
    const argv = ['stats', '--interval', '300ms', '--servers', server.address];
    const { code, text } = await inTerminal(argv, typed);
    assert.equal(code, 0, text);
    assert.ok(text.startsWith(`${ESCAPE}[?1049h${ESCAPE}[?25l`), JSON.stringify(text.slice(0, 40)));
    assert.ok(text.trimEnd().endsWith(`${ESCAPE}[?25h${ESCAPE}[?1049l`));
    assert.match(text, /commands per second/);
    assert.match(text, /[\u2800-\u28ff]/);
    assert.ok(text.split('\u001b[H').length > 3, 'it is drawn again and again');
  });

  test('Ctrl-C ends what has no end of its own, with the code of a signal', async () => {
    const argv = ['ping', '--count', '100000', '--servers', server.address];
    const { code } = await inTerminal(argv, [{ afterMs: 2500, text: '\u0003' }]);
    assert.equal(code, 130);
  });
});

test('colours where they are forced, and nowhere else', { timeout: 30_000 }, async () => {
  const argv = ['where', 'a', '--servers', 'b,c'];
  assert.ok(!(await memvolley(argv)).text.includes(ESCAPE));
  const forced = await memvolley(argv, { env: { FORCE_COLOR: '1' } });
  assert.ok(forced.text.includes(`${ESCAPE}[32m`));
  const refused = await memvolley(argv, { env: { NO_COLOR: '1' } });
  assert.ok(!refused.text.includes(ESCAPE));
});
