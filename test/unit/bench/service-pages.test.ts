import assert from 'node:assert/strict';
import { test } from 'node:test';
import { valueFor } from '../../../bench/load/values.ts';
import { readAnswer } from '../../../bench/service/http-answer.ts';
import { GETS_PER_PAGE, PAGES, pagesOf, pageText } from '../../../bench/service/page.ts';

const KEYS = 1000;

const valueAt = async (index: number): Promise<string> => valueFor('string', 100, index) as string;

test('service and generator agree on the pages', () => {
  assert.deepEqual(pagesOf(KEYS), pagesOf(KEYS));
  assert.equal(pagesOf(KEYS).length, PAGES);
});

test('the last key of a page is known only from the values before it', async () => {
  const [page] = pagesOf(KEYS);
  const read: number[] = [];
  const noting = async (index: number): Promise<string> => {
    read.push(index);
    return valueAt(index);
  };
  await pageText(page, KEYS, noting);
  assert.equal(read.length, GETS_PER_PAGE);
  assert.deepEqual(read.slice(0, -1), page);
  const other = [...page.slice(0, -1), page[page.length - 1] + 1];
  await pageText(other, KEYS, noting);
  assert.notEqual(read[GETS_PER_PAGE - 1], read[2 * GETS_PER_PAGE - 1]);
});

test('a page with any of its values swapped for another is another page', async () => {
  const [page] = pagesOf(KEYS);
  const right = await pageText(page, KEYS, valueAt);
  for (let wrong = 0; wrong < GETS_PER_PAGE; wrong++) {
    let turn = 0;
    const swapping = async (index: number): Promise<string> =>
      valueAt(turn++ === wrong ? (index + 1) % KEYS : index);
    assert.notEqual(await pageText(page, KEYS, swapping), right, `value ${wrong}`);
  }
});

const ANSWER = Buffer.from('HTTP/1.1 200 OK\r\nContent-Length: 4\r\nDate: now\r\n\r\nbody');

test('an answer is complete with its last byte and not before', () => {
  for (let length = 0; length < ANSWER.length; length++) {
    assert.equal(readAnswer(ANSWER.subarray(0, length)), undefined, `${length} bytes`);
  }
  const answer = readAnswer(ANSWER);
  assert.equal(answer?.status, 200);
  assert.equal(answer.body.toString(), 'body');
});

test('what is longer than its length, or has none, is no answer', () => {
  assert.throws(() => readAnswer(Buffer.concat([ANSWER, Buffer.from('!')])), /more was answered/);
  assert.throws(() => readAnswer(Buffer.from('HTTP/1.1 200 OK\r\n\r\nbody')), /known length/);
});
