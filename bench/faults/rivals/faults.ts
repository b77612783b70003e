import { CASES } from '../cases/catalogue.ts';
import type { Fault } from '../fault-case.ts';

/** What befalls every client in the same way, whatever protocol it speaks to its server. */
const LABELS = [
  'SIGSTOP for longer than a call may take',
  'kill -9, back after',
  'SIGSTOP, then kill -9',
  'all connections reset',
  'cut, then refused',
  'cut, then accepted and told nothing',
  'frozen, both ways',
  'black hole, both ways',
  'pieces of 1 to 100 bytes, both ways',
  'about as late as calls may take',
  'reset after 7 bytes of an answer',
  // In the text protocol only.
  'ended inside the value of an answer',
  'a name nobody asked for on a value',
  'a value too short by one',
  'ten bytes missing in a value',
  'replies that come twice',
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
