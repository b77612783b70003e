import { RequestWriter } from '../../src/protocol/request-writer.ts';
import type { AnswerSink } from '../../src/server/sinks.ts';
import {
  type StoreAnswer,
  StoreCommand,
  type StoreRequest,
} from '../../src/server/store-command.ts';
import { Conversation, PORT } from './conversation.ts';
import { expect, type MicroCase } from './micro-case.ts';

const VOLLEYS = 8;
const KEYS = 100;
const STORES = 100;
const PIECE_BYTES = 1000;
const STORED = Buffer.from('STORED\r\n');

const asked = (): Conversation =>
  new Conversation({ volleys: VOLLEYS, keys: KEYS, valueBytes: 100 }).check(PIECE_BYTES);

/** From the callers' keys to the bytes of a multi-get. */
export function ask(): MicroCase {
  const conversation = asked();
  return {
    name: 'a multi-get of 100 keys, collected and written, per key',
    operations: VOLLEYS * KEYS,
    prepare: () => conversation.hangUp(),
    run: () => {
      conversation.collect();
      return conversation.write();
    },
  };
}

function write(): MicroCase {
  const conversation = asked();
  return {
    name: 'a multi-get of 100 keys, written, per key',
    operations: VOLLEYS * KEYS,
    prepare: () => {
      conversation.hangUp();
      conversation.collect();
    },
    run: () => conversation.write(),
  };
}

/** From the encoded value to the bytes of a set, and from its answer to the caller. */
export function store(): MicroCase {
  const writer = new RequestWriter();
  let stored = 0;
  const sink: AnswerSink<StoreAnswer> = {
    deadline: Infinity,
    settled: false,
    sent: 'no',
    fail: (_tag, error) => {
      throw error;
    },
    answer: (_tag, answer) => {
      if (answer === 'stored') stored++;
    },
  };
  const requests = Array.from({ length: STORES }, (_, index): StoreRequest => ({
    verb: 'set',
    key: `bench:${1000 + index}`,
    flags: 16,
    exptime: 0,
    cas: undefined,
    data: 'v'.repeat(100),
    release: undefined,
  }));
  const run = (): number => {
    const commands = requests.map((request, tag) => {
      const command = new StoreCommand(request, { server: PORT, sink, tag });
      command.write(writer);
      command.written();
      return command;
    });
    for (const command of commands) command.line(STORED, 0, STORED.length - 2);
    const { length } = writer;
    writer.recycle(writer.take().blocks);
    return length;
  };
  const line = 'set bench:1000 16 0 100\r\n'.length + 100 + 2;
  expect(run() === STORES * line, 'the bytes of 100 sets');
  expect(stored === STORES, 'how many were stored');
  return { name: '100 sets of 100 B, written and answered, per set', operations: STORES, run };
}

export const writerCases = (): MicroCase[] => [ask(), write(), store()];
