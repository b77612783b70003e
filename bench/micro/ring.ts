import { Ring } from '../../src/primitives/ring.ts';
import { expect, type MicroCase } from './micro-case.ts';

const ENTRIES = 1000;

export function ringCases(): MicroCase[] {
  const ring = new Ring<object>();
  const entries = Array.from({ length: ENTRIES }, (_, number) => ({ number }));
  const passThrough = (): boolean => {
    let inOrder = true;
    for (const entry of entries) ring.push(entry);
    for (let i = 0; i < ENTRIES; i++) ring.advance();
    for (const entry of entries) inOrder = ring.shift() === entry && inOrder;
    return inOrder;
  };
  expect(passThrough() && ring.empty, 'the order of a ring');
  return [{ name: 'push, advance and shift, per entry', operations: ENTRIES, run: passThrough }];
}
