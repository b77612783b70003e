import type { WireKey } from '../protocol/key.ts';
import { AnswerCommand } from './answer-command.ts';
import { QuietBatch } from './quiet-batch.ts';
import type { Volley } from './volley.ts';

/** What a lane sends. */
export type Laned = Volley | QuietBatch | AnswerCommand<unknown>;

/** Those that are counted: '' for one that was dropped. */
export function keysOf(command: Laned): readonly WireKey[] {
  if (command instanceof QuietBatch) return command.keys;
  if (command instanceof AnswerCommand) return [command.key];
  return Array.from({ length: command.size }, (_, index) => command.keyAt(index));
}
