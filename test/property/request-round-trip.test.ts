import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import type { Command } from '../../src/connection/command.ts';
import { base64Text, isBase64 } from '../../src/protocol/key.ts';
import { RequestWriter } from '../../src/protocol/request-writer.ts';
import { ResponseParser } from '../../src/protocol/response-parser.ts';
import { LineCommand } from '../../src/server/answer-command.ts';
import {
  asMeta,
  GET,
  getAndTouch,
  GETS,
  metaRead,
  type ReadForm,
} from '../../src/server/read-form.ts';
import { type StoreAnswer, StoreCommand } from '../../src/server/store-command.ts';
import { Volley, type VolleyHost } from '../../src/server/volley.ts';
import { type ReadRequest, RequestReader } from '../../src/testing/fake-request.ts';
import { binaryValues, cutters, wireKeys } from '../support/streams.ts';
import { AnswerWaiter, Port, ReadWaiter } from '../support/waiters.ts';
import { runs } from '../support/runs.ts';

type Step =
  | {
      readonly verb: 'set' | 'add';
      readonly key: string;
      readonly flags: number;
      readonly value: string;
    }
  | { readonly verb: 'delete'; readonly key: string }
  | { readonly verb: 'read'; readonly form: ReadForm; readonly keys: readonly string[] };

const VOLLEYS: VolleyHost = {
  server: 'a:1',
  limits: new Port({ speaksMeta: true }).limits,
  bulkBytes: 10,
  bulk: false,
  misplaced: () => {},
  dropped: () => {},
  askAgain: () => assert.fail('nothing is refused here'),
  mayRepeat: () => assert.fail('nothing is refused here'),
  served: () => {},
  counted: () => {},
};

/** The bytes that a text in base64 stands for, one character each. */
const raw = (text: string): string => Buffer.from(text, 'base64').toString('latin1');

const requestsOf = (step: Step): number =>
  step.verb === 'read' && step.form.metaOnly ? new Set(step.keys).size : 1;

/** A server that fits on a page: it knows requests only by what a reader of its own made of them. */
class TinyServer {
  readonly #items = new Map<string, { flags: string; value: string }>();

  answer({ verb, keys, words, data }: ReadRequest): string {
    const [key] = keys;
    if (CLASSIC.test(verb)) {
      const token = verb.endsWith('s') ? ' 7' : '';
      return `${keys.map((one) => this.#item(one, token)).join('')}END\r\n`;
    }
    if (verb === 'mg') return this.#meta(words);
    if (verb === 'delete') return this.#items.delete(key) ? 'DELETED\r\n' : 'NOT_FOUND\r\n';
    if (verb === 'add' && this.#items.has(key)) return 'NOT_STORED\r\n';
    assert.ok(verb === 'set' || verb === 'add', `unknown request: ${words.join(' ')}`);
    this.#items.set(key, { flags: words[2], value: data.toString('latin1') });
    return 'STORED\r\n';
  }

  #item(key: string, token: string): string {
    const item = this.#items.get(key);
    if (item === undefined) return '';
    return `VALUE ${key} ${item.flags} ${item.value.length}${token}\r\n${item.value}\r\n`;
  }

  /** It knows base64 by its flag alone, and names keys only where it is asked to. */
  #meta([, name, ...flags]: readonly string[]): string {
    const binary = flags.includes('b');
    const item = this.#items.get(binary ? raw(name) : name);
    const said = flags.flatMap((flag) => {
      if (flag === 'k') return [`k${name}`];
      if (flag.startsWith('O')) return [flag];
      if (item === undefined) return [];
      const told: Record<string, string> = {
        f: `f${item.flags}`,
        c: 'c7',
        s: `s${item.value.length}`,
        t: 't-1',
      };
      return flag in told ? [told[flag]] : [];
    });
    if (item === undefined) return `${['EN', ...said].join(' ')}\r\n`;
    if (!flags.includes('v')) return `${['HD', ...said].join(' ')}\r\n`;
    return `${['VA', item.value.length, ...said].join(' ')}\r\n${item.value}\r\n`;
  }
}

const CLASSIC = /^g[ae]ts?$/;

/** What each step should come to. */
function expected(steps: readonly Step[]): unknown[] {
  const model = new Map<string, string>();
  return steps.map((step) => {
    switch (step.verb) {
      case 'read':
        return [...new Set(step.keys)].map((key) => {
          const value = model.get(isBase64(key) ? raw(base64Text(key)) : key);
          return value === undefined ? 'miss' : step.form.valued ? value : '';
        });
      case 'delete':
        return model.delete(step.key);
      case 'add':
        if (model.has(step.key)) return 'not stored';
        break;
      case 'set':
    }
    model.set(step.key, step.value);
    return 'stored';
  });
}

/** The command for a step, and a look at what it came to. */
function commandFor(step: Step): { command: Command; result: () => unknown } {
  const asked = { server: new Port(), tag: 0 };
  if (step.verb === 'read') {
    const waiter = new ReadWaiter();
    const volley = new Volley(100, VOLLEYS);
    volley.form = step.form;
    [...new Set(step.keys)].forEach((key, tag) => volley.join(key, waiter, tag));
    const told = () => waiter.told.toSorted(([a], [b]) => a - b).map(([, what]) => what);
    return { command: volley, result: told };
  }
  if (step.verb === 'delete') {
    const sink = new AnswerWaiter<boolean>();
    const request = { verb: 'delete', key: step.key, text: `delete ${step.key}` };
    const read = (reply: string) => ({ answer: reply === 'DELETED' });
    const command = new LineCommand(request, read, { ...asked, sink });
    return { command, result: () => sink.told[0] };
  }
  const sink = new AnswerWaiter<StoreAnswer>();
  const { verb, key, flags, value } = step;
  const data = Buffer.from(value, 'latin1');
  const request = { verb, key, flags, exptime: 0, data, cas: undefined, release: undefined };
  return { command: new StoreCommand(request, { ...asked, sink }), result: () => sink.told[0] };
}

function* cutAt(stream: Buffer, cuts: readonly number[]): Generator<Buffer> {
  let from = 0;
  for (const cut of [...cuts, stream.length]) {
    yield stream.subarray(from, cut);
    from = cut;
  }
}

const FEW_KEYS = ['a', 'b', 'END', '\xff\x80', 'k'.repeat(250)];
const key = fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...FEW_KEYS) }, wireKeys);
/** Such keys stand for the same items as their bytes do. */
const base64Key = key
  .filter((text) => text.length < 100)
  .map((text) => `\0${Buffer.from(text, 'latin1').toString('base64')}`);
const value = fc.oneof(
  { weight: 5, arbitrary: binaryValues },
  fc.integer({ min: 16_380, max: 70_000 }).map((length) => 'large\r\n'.repeat(length / 7)),
);
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    verb: fc.constantFrom('set' as const, 'add' as const),
    key,
    flags: fc.integer({ min: 0, max: 0xffff_ffff }),
    value,
  }),
  fc.record({ verb: fc.constant('delete' as const), key }),
  fc.record({
    verb: fc.constant('read' as const),
    form: fc.constantFrom(GET, GET, GETS, getAndTouch(60, false), getAndTouch(-1, true)),
    keys: fc.array(key, { minLength: 1, maxLength: 8 }),
  }),
  fc.record({
    verb: fc.constant('read' as const),
    form: fc.constantFrom(asMeta(GET), metaRead('v f c N30'), metaRead('s t c'), metaRead('v Oq1')),
    keys: fc.array(fc.oneof(key, base64Key), { minLength: 1, maxLength: 8 }),
  }),
);

test('requests and answers of a whole conversation arrive as they were meant, however split', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 20 }), cutters, cutters, (steps, out, back) => {
      const commands = steps.map(commandFor);
      const writer = new RequestWriter();
      for (const { command } of commands) command.write(writer);
      const { length } = writer;
      const sent = Buffer.concat(writer.take().chunks);
      assert.equal(sent.length, length);

      const reader = new RequestReader();
      const server = new TinyServer();
      const answers: string[] = [];
      for (const piece of cutAt(sent, out(sent.length))) {
        for (const request of reader.read(piece)) answers.push(server.answer(request));
      }
      const requests = steps.reduce((sum, one) => sum + requestsOf(one), 0);
      assert.equal(answers.length, requests, 'as many requests as were meant');

      const due = commands.map(({ command }) => command);
      const slots = {
        get head() {
          return due.at(0);
        },
        answered: () => void due.shift(),
        refused: () => assert.fail('nothing is refused here'),
      };
      const parser = new ResponseParser(slots, { readBufferBytes: 8192, maxValueBytes: 1_000_000 });
      const received = Buffer.from(answers.join(''), 'latin1');
      for (const piece of cutAt(received, back(received.length))) parser.feed(piece);
      assert.equal(due.length, 0);
      assert.deepEqual(
        commands.map(({ result }) => result()),
        expected(steps),
      );
    }),
    runs(300),
  );
});
