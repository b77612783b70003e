import assert from 'node:assert/strict';
import { test } from 'node:test';
import { overEveryTransport } from './backend.ts';

overEveryTransport((backend) => {
  for (const flush of ['auto', 'tick', 'poll'] as const) {
    test(`everything is answered with flush '${flush}'`, async () => {
      const cache = backend.client({ flush });
      await Promise.all(
        Array.from({ length: 20 }, async (_, i) => {
          for (let step = 0; step < 20; step++) {
            await cache.set(`flush:${i}`, step);
            assert.equal(await cache.get(`flush:${i}`), step);
          }
        }),
      );
      assert.ok(cache.metrics().commandsPerFlush > 1);
    });
  }

  test('large stores and small reads of one moment are all answered', async () => {
    const cache = backend.client({ compressor: 'none' });
    const sizes = [20_000, 900, 16_384, 60_000, 30_000, 1, 200_000];
    await Promise.all(
      sizes.flatMap((size, i) => [
        cache.set(`mixed:${i}`, Buffer.alloc(size, i)),
        cache.get('mixed:none'),
        cache.delete('mixed:none'),
      ]),
    );
    const values = await cache.getValues<Buffer>(sizes.map((_, i) => `mixed:${i}`));
    assert.deepEqual(
      values.map((value) => value?.length),
      sizes,
    );
  });
});
