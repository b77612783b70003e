import assert from 'node:assert/strict';

/** An item was given so many seconds just now; the server's clock may have ticked since. */
export function secondsLeft(told: unknown, given: number): void {
  assert.ok(told === given || told === given - 1, `${String(told)} s are left of ${given}`);
}
