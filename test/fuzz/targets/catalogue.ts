import * as clusterConfig from './cluster-config.ts';
import * as fakeMemcached from './fake-memcached.ts';
import * as keys from './keys.ts';
import * as metadump from './metadump.ts';
import * as options from './options.ts';
import * as responseParser from './response-parser.ts';
import * as v8Check from './v8-check.ts';
import * as valueDecode from './value-decode.ts';

/** Something that takes bytes from outside, and what must hold for all of them. */
interface Target {
  /** Throws for an input that breaks what must hold. */
  fuzz(data: Buffer): void;
  /** Inputs to begin with. */
  seeds(): Buffer[];
}

/** By the name of their files. */
export const TARGETS: Readonly<Record<string, Target>> = {
  'cluster-config': clusterConfig,
  'fake-memcached': fakeMemcached,
  keys,
  metadump,
  options,
  'response-parser': responseParser,
  'v8-check': v8Check,
  'value-decode': valueDecode,
};
