import { asMeta, GET } from '../../src/server/read-form.ts';
import { Conversation } from './conversation.ts';
import type { MicroCase } from './micro-case.ts';

/** What one read brings under load: as many answers as fit the read buffer. */
const TOGETHER = { volleys: 8, keys: 100, valueBytes: 100 };
const LARGE_BYTES = 100_000;
const PIECE_BYTES = 65_536;

/** `per item`: an answer of 100 items of 100 B, seven others behind it. */
export function parseAnswer(): MicroCase {
  return arriving('an answer of 100 items of 100 B, per item', new Conversation(TOGETHER));
}

export function parserCases(): MicroCase[] {
  const meta = { ...TOGETHER, volleys: 6, form: asMeta(GET) };
  return [
    parseAnswer(),
    arriving('100 meta items of 100 B, per item', new Conversation(meta)),
    inPieces('one item of 100 KB in reads of 64 KB', {
      conversation: new Conversation({
        volleys: 1,
        keys: 1,
        valueBytes: LARGE_BYTES,
        bulk: true,
      }),
      pieceBytes: PIECE_BYTES,
    }),
    inPieces('an answer of 10 items of 100 B byte by byte, per item', {
      conversation: new Conversation({ volleys: 1, keys: 10, valueBytes: 100 }),
      pieceBytes: 1,
    }),
  ];
}

function arriving(name: string, conversation: Conversation): MicroCase {
  const { length } = conversation.answer;
  conversation.check(length);
  return {
    name,
    operations: conversation.items,
    prepare: () => conversation.arrive(),
    run: () => conversation.parser.advance(length),
  };
}

interface Pieces {
  readonly conversation: Conversation;
  readonly pieceBytes: number;
}

function inPieces(name: string, { conversation, pieceBytes }: Pieces): MicroCase {
  conversation.check(pieceBytes);
  return {
    name,
    operations: conversation.items,
    prepare: () => {
      conversation.collect();
      conversation.write();
    },
    run: () => conversation.feed(pieceBytes),
  };
}
