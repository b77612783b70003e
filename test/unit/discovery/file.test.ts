import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import type { ServerSpec } from '../../../src/connection/address.ts';
import { file, type FileOptions } from '../../../src/discovery/file.ts';
import { IllegalInputError } from '../../../src/errors.ts';
import { rejects, until } from '../../support/fault-lab.ts';

function folderOf(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'memvolley-file-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

function listed(path: string): Promise<readonly ServerSpec[]> {
  return file({ path }).discover({ known: [], signal: new AbortController().signal });
}

const CONTENTS: [text: string, servers: ServerSpec[]][] = [
  ['a:1\nb:2\n', ['a:1', 'b:2']],
  ['a:1\r\nb:2', ['a:1', 'b:2']],
  ['# servers\n\n  a:1  # the old one\n\t\n#b:2\n', ['a:1']],
  ['\uFEFFa:1', ['a:1']],
  ['[::1]:11211\n[2600::1]', ['[::1]:11211', '[2600::1]']],
  ['[ab::1]\n', ['[ab::1]']],
  ['unix:/run/a.sock', ['unix:/run/a.sock']],
  ['["a:1", "b:2"]', ['a:1', 'b:2']],
  ['\n[\n  { "host": "a", "weight": 3 }\n]\n', [{ host: 'a', weight: 3 }]],
  ['[]', []],
  ['', []],
  ['# none\n', []],
];

test('a file holds a JSON list or a server a line', async (t) => {
  const path = join(folderOf(t), 'servers');
  for (const [text, servers] of CONTENTS) {
    writeFileSync(path, text);
    assert.deepEqual(await listed(path), servers, JSON.stringify(text));
  }
});

test('a file that cannot be read is an error that says why', async (t) => {
  const folder = folderOf(t);
  const path = join(folder, 'servers');
  const reason = async (why: RegExp, at = path): Promise<void> => {
    const error = await rejects(listed(at), 'ERR_MEMCACHE_CONNECT');
    assert.ok(error.message.startsWith(`file ${at} cannot be read: `), error.message);
    assert.match(error.message, why);
  };
  await reason(/ENOENT/);
  await reason(/it is no regular file/, folder);
  writeFileSync(path, 'a:1\n'.repeat(20_000));
  await reason(/longer than 65536 bytes/);
  const pipe = join(folder, 'pipe');
  execFileSync('mkfifo', [pipe]);
  await reason(/it is no regular file/, pipe);
});

test('JSON that is broken or no list is an error, and is not repeated', async (t) => {
  const path = join(folderOf(t), 'servers');
  for (const text of ['["hunter2', '[{ "host": "hunter2" }', '[', '{ "host": "hunter2" }']) {
    writeFileSync(path, text);
    const error = await rejects(listed(path), 'ERR_MEMCACHE_PROTOCOL');
    assert.match(error.message, /holds (broken JSON|JSON that is no list)/);
    assert.doesNotMatch(error.message, /hunter2/);
    assert.equal(error.cause, undefined);
  }
});

test('a watch tells of writes, of renames over the file, and of links that change beside it', async (t) => {
  const folder = folderOf(t);
  const path = join(folder, 'servers');
  writeFileSync(path, 'a:1');
  let told = 0;
  const unwatch = file({ path }).watch?.(() => told++);
  const tells = async (change: () => void): Promise<void> => {
    const before = told;
    change();
    await until(() => told > before);
  };
  await tells(() => writeFileSync(path, 'b:1'));
  for (const server of ['c:1', 'd:1']) {
    writeFileSync(join(folder, 'servers.new'), server);
    await tells(() => renameSync(join(folder, 'servers.new'), path));
    assert.deepEqual(await listed(path), [server]);
  }
  await tells(() => rmSync(path));
  await tells(() => writeFileSync(path, 'e:1'));
  mkdirSync(join(folder, '..2026'));
  await tells(() => symlinkSync('..2026', join(folder, '..data')));
  unwatch?.();
  const before = told;
  writeFileSync(path, 'f:1');
  await new Promise((resolve) => setTimeout(resolve, 30));
  assert.equal(told, before);
});

test('other files beside it are none of its business', async (t) => {
  const folder = folderOf(t);
  const path = join(folder, 'servers');
  const names: string[] = [];
  const unwatch = file({ path }).watch?.(() => names.push('told'));
  writeFileSync(join(folder, 'other'), 'x');
  await new Promise((resolve) => setTimeout(resolve, 30));
  assert.deepEqual(names, []);
  writeFileSync(path, 'a:1');
  await until(() => names.length > 0);
  unwatch?.();
});

test('a folder that is not there cannot be watched, which is no error', () => {
  const unwatch = file({ path: '/nowhere/at/all/servers' }).watch?.(() => {});
  unwatch?.();
});

test('a watch does not keep the process, and nothing is left of it', async (t) => {
  const path = join(folderOf(t), 'servers');
  const handles = (): string[] =>
    process.getActiveResourcesInfo().filter((kind) => kind === 'FSEventWrap');
  await until(() => handles().length === 0);
  const unwatch = file({ path }).watch?.(() => {});
  assert.deepEqual(handles(), []);
  unwatch?.();
  await until(() => handles().length === 0);
});

test('it names itself by its whole path, and may name local servers', () => {
  const discovery = file({ path: '/etc/servers' });
  assert.equal(discovery.name, 'file /etc/servers');
  assert.equal(file({ path: 'servers' }).name, `file ${process.cwd()}/servers`);
  assert.equal(discovery.local, true);
  assert.equal(discovery.pollMs, 30_000);
});

test('options that mean nothing are refused', () => {
  for (const options of [undefined, {}, { path: '' }, { path: 5 }, { path: 'a', pollMs: -1 }]) {
    assert.throws(() => file(options as FileOptions), IllegalInputError);
  }
  assert.throws(() => file({ path: 'a', poll: 1 } as FileOptions), /file has no option 'poll'/);
});
