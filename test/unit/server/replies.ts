import assert from 'node:assert/strict';
import type { Command } from '../../../src/connection/command.ts';
import { MemcacheError } from '../../../src/errors.ts';
import { ResponseParser } from '../../../src/protocol/response-parser.ts';

/** What the parser makes of the reply to a command, byte by byte; the code of its error, if it has one. */
export function reply(command: Command, text: string): string | undefined {
  let head: Command | undefined = command;
  const slots = {
    get head() {
      return head;
    },
    answered: () => {
      head = undefined;
    },
    refused: (error: Parameters<Command['refused']>[0]) => {
      head = undefined;
      command.refused(error);
    },
  };
  const parser = new ResponseParser(slots, { readBufferBytes: 4096, maxValueBytes: 100_000 });
  try {
    for (const byte of Buffer.from(text, 'latin1')) parser.feed(Uint8Array.of(byte));
  } catch (error) {
    assert.ok(error instanceof MemcacheError);
    return error.code;
  }
  assert.equal(head, undefined, 'it is answered');
  return undefined;
}
