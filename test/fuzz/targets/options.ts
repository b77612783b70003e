import assert from 'node:assert/strict';
import { resolveOptions } from '../../../src/config/resolve.ts';
import { IllegalInputError } from '../../../src/errors.ts';
import { assertNothingPolluted } from './bytes.ts';

/** Stands for a password in the place where one may be; no message repeats it. */
const CANARY = 'hunter2canary';

/** A URL, or what was meant to be one; with a canary put where user and password stand. */
export function fuzz(data: Buffer): void {
  const text = data.toString('utf8');
  attempt(text);
  attempt(text.replace('://', `://user:${CANARY}@`));
  assertNothingPolluted();
}

function attempt(text: string): void {
  try {
    const { servers, timeoutMs } = resolveOptions(text);
    assert.ok(Array.isArray(servers) && timeoutMs > 0);
  } catch (error) {
    assert.ok(error instanceof IllegalInputError, String(error));
    assert.ok(['ERR_MEMCACHE_OPTION', 'ERR_MEMCACHE_KEY'].includes(error.code));
    assert.ok(!error.message.includes(CANARY), 'a password is in the message');
  }
}

export function seeds(): Buffer[] {
  return [
    '127.0.0.1:11211',
    '10.0.0.1,10.0.0.2:11212',
    '[fd00::1]:11211',
    'unix:/run/mc.sock',
    '/run/mc.sock',
    'memcached://10.0.0.1,10.0.0.2:11212?timeoutMs=200',
    'memcacheds://cache.example.org',
    'memcached:///run/mc.sock',
    'memcached://user:secret@10.0.0.1',
    'memcached://10.0.0.1?hash=ketama&failover=miss&connections=4&keyPrefix=p%3A',
    'memcached://10.0.0.1?retry.attempts=3&retry.budget=0.5&health.probeMs=100',
    'memcached://?discovery=dns%3A%2F%2Fcache%3A11211',
    'memcached://?discovery=elasticache%3A%2F%2Fa.cfg.use1.cache.amazonaws.com%3A11211',
    'memcached://10.0.0.1?profile=swift&codec=json&compressor=zlib&format=php',
    'memcached://10.0.0.1?timeoutMs=-1',
    'memcached://10.0.0.1?__proto__.polluted=1',
    'memcached://10.0.0.1?constructor=1&timeoutMs=1&timeoutMs=2',
    'memcached://%zz',
    'http://10.0.0.1',
    '10.0.0.1:99999',
  ].map((text) => Buffer.from(text));
}
