import { Random } from '../../bench/support/random.ts';
import { inputsOf } from './corpus.ts';
import { TARGETS } from './targets/catalogue.ts';

const LONGEST_INPUT = 4096;
const MOST_CHANGES = 4;
/** The clock is asked once for so many inputs. */
const BATCH = 100;

type Change = (bytes: Buffer, random: Random, others: readonly Buffer[]) => Buffer;

const at = (bytes: Buffer, random: Random): number => random.below(bytes.length + 1);

const spliced = (bytes: Buffer, place: number, lost: number, more: Uint8Array): Buffer =>
  Buffer.concat([bytes.subarray(0, place), more, bytes.subarray(place + lost)]);

const INTERESTING = ['0', '-1', '4294967296', '\r\n', ' ', '\0', '\xff\xff\xff\xff', 'END', '%'];

const CHANGES: readonly Change[] = [
  (bytes, random) => spliced(bytes, at(bytes, random), 1, Buffer.from([random.below(256)])),
  (bytes, random) => spliced(bytes, at(bytes, random), 0, Buffer.from([random.below(256)])),
  (bytes, random) => spliced(bytes, at(bytes, random), 1 + random.below(8), Buffer.alloc(0)),
  (bytes, random) => bytes.subarray(0, at(bytes, random)),
  (bytes, random) =>
    spliced(
      bytes,
      at(bytes, random),
      random.below(4),
      Buffer.from(random.pick(INTERESTING), 'latin1'),
    ),
  (bytes, random) => {
    const from = at(bytes, random);
    const part = bytes.subarray(from, from + random.below(64));
    return spliced(bytes, at(bytes, random), 0, part);
  },
  (bytes, random, others) => {
    const other = random.pick(others);
    return Buffer.concat([bytes.subarray(0, at(bytes, random)), other.subarray(at(other, random))]);
  },
];

/** What was tried, and the input that broke something. */
export interface Outcome {
  readonly tried: number;
  readonly broken: { readonly input: Buffer; readonly error: unknown } | undefined;
}

/** Changes inputs of the corpus at random, without a notion of what code they reach. */
export function fuzzBlindly(name: string, seconds: number, seed: number): Outcome {
  const random = new Random(seed);
  const { fuzz } = TARGETS[name];
  const inputs = inputsOf(name).map(({ bytes }) => bytes);
  const until = performance.now() + seconds * 1000;
  let tried = 0;
  while (tried % BATCH !== 0 || performance.now() < until) {
    let input = random.pick(inputs);
    for (let changes = 1 + random.below(MOST_CHANGES); changes > 0; changes--) {
      input = random.pick(CHANGES)(input, random, inputs).subarray(0, LONGEST_INPUT);
    }
    tried++;
    try {
      fuzz(input);
    } catch (error) {
      return { tried, broken: { input, error } };
    }
  }
  return { tried, broken: undefined };
}
