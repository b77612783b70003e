/**
 * Twice as much is what glibc then keeps: more than V8 lets buffers take before it collects. From 32 MiB on it would
 * learn nothing.
 */
const LESSON_BYTES = 31 * 1024 * 1024;

let taught = false;

/**
 * Makes the allocator keep what large values leave behind, once in a thread: up to 62 MiB. glibc gives memory that is freed at the
 * end of its heap back to the system from 128 KiB on, and every value then waits for new pages: half of what a value of
 * 100 KB costs (`npm run bench -- --scenario get --size 100000 --kind buffer`). By itself it raises that limit as soon
 * as a larger block is freed; this is one. Nobody writes to it, so it never takes memory; other allocators do not mind.
 */
export function keepFreedMemory(): void {
  if (taught) return;
  taught = true;
  try {
    Buffer.allocUnsafeSlow(LESSON_BYTES);
  } catch {
    // There is no room for it, so there is none to keep.
  }
}
