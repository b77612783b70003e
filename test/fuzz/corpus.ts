import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The room in the sources, where the corpus lies and the fuzzer is installed. */
export const FUZZ_ROOM: string = join(import.meta.dirname, '../../../test/fuzz');

/** Where the inputs of a target are kept. */
export const corpusOf = (target: string): string => join(FUZZ_ROOM, 'corpus', target);

/** Names and bytes of these inputs. */
export function inputsOf(target: string): { readonly name: string; readonly bytes: Buffer }[] {
  const folder = corpusOf(target);
  if (!existsSync(folder)) return [];
  return readdirSync(folder).map((name) => ({ name, bytes: readFileSync(join(folder, name)) }));
}
