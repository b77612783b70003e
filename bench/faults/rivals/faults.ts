import { CASES } from '../cases/catalogue.ts';
import type { Fault } from '../fault-case.ts';

/** What befalls every client in the same way, whatever protocol it speaks to its server. */
const LABELS = [
  'SIGSTOP for less than a call may take',
  'SIGSTOP for longer than a call may take',
  'kill -9, back after',
  'SIGSTOP, then kill -9',
  'restart on the same port',
  'killed and started',
  'all connections reset',
  'all connections ended',
  'cut, then refused',
  'cut, then accepted and told nothing',
  'frozen, both ways',
  'frozen, answers',
  'black hole, both ways',
  'black hole, requests',
  'every byte by itself, answers',
  'pieces of 1 to 100 bytes, both ways',
  'about as late as calls may take',
  'reset after 7 bytes of an answer',
  'ended after 7 bytes of an answer',
  // In the text protocol only.
  'reset inside the value of an answer',
  'ended inside the value of an answer',
  'ended before the end of line behind the value of an answer',
  'a name nobody asked for on a value',
  'a value too short by one',
  'a value too long by one',
  'ten bytes missing in a value',
  'replies that come twice',
  'replies that never come',
];

/** Each once, of those for a single server. */
export const RIVAL_FAULTS: readonly Fault[] = LABELS.map((label) => {
  const found = CASES.find(
    ({ fault, setting }) =>
      setting === 'one' && fault.label.startsWith(label) && fault.atFirst !== true,
  );
  if (found === undefined) throw new Error(`no fault begins with ${label}`);
  return found.fault;
});
