import { ValueCodec } from '../../src/codec/value-codec.ts';
import { recordOfSize, sameValue, valueFor } from '../load/values.ts';
import { expect, type MicroCase } from './micro-case.ts';

const KEY = 'bench:1000';
const FIRST_INTEGER = 1_000_000;

interface Kind {
  readonly label: string;
  /** In one run. */
  readonly values: number;
  readonly value: (index: number) => unknown;
}

const KINDS: readonly Kind[] = [
  { label: 'a string of 100 B', values: 256, value: (index) => valueFor('string', 100, index) },
  { label: 'an integer', values: 256, value: (index) => FIRST_INTEGER + index },
  { label: 'a Buffer of 1 KB', values: 256, value: (index) => valueFor('buffer', 1000, index) },
  { label: 'an object of 1 KB', values: 16, value: (index) => recordOfSize(1000, index) },
  { label: 'an object of 8 KB, lz4', values: 2, value: (index) => recordOfSize(8000, index) },
  {
    label: 'a text of 10 KB, lz4',
    values: 4,
    value: (index) => JSON.stringify(recordOfSize(10_000, index)),
  },
];

/** As a client has it that starts no worker. */
export function codecCases(): MicroCase[] {
  const codec = new ValueCodec({ offload: 'never' });
  return KINDS.flatMap((kind) => bothWays(codec, kind));
}

function bothWays(codec: ValueCodec, { label, values, value }: Kind): MicroCase[] {
  const plain = Array.from({ length: values }, (_, index) => value(index));
  const items = plain.map((each) => {
    const { flags, data } = codec.encode(each, KEY);
    return { flags, bytes: Buffer.from(data as string) };
  });
  const decode = ({ flags, bytes }: (typeof items)[number]): unknown =>
    codec.decode(flags, bytes, 0, bytes.length, false, KEY);
  expect(
    items.every((item, index) => sameValue(plain[index], decode(item))),
    label,
  );
  let latest: unknown;
  const each =
    <T>(list: readonly T[], visit: (entry: T) => unknown) =>
    (): unknown => {
      for (const entry of list) latest = visit(entry);
      return latest;
    };
  return [
    {
      name: `encode ${label}`,
      operations: values,
      run: each(plain, (entry) => codec.encode(entry, KEY)),
    },
    {
      name: `decode ${label}`,
      operations: values,
      run: each(items, decode),
    },
  ];
}
