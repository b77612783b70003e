import { CurrentVersion } from '../namespace/current-version.ts';
import { checkedName, itemPrefix } from '../namespace/name.ts';
import { wirePrefix } from '../protocol/key.ts';
import { exptime } from '../protocol/ttl.ts';
import type { Calls } from './calls.ts';
import type { Core } from './core.ts';
import { Namespace } from './namespace.ts';
import { checkNamespaceOptions, type NamespaceOptions } from './namespace-options.ts';
import { VersionStore } from './version-store.ts';

/** Versions that are remembered although nobody has a view of their namespace any more. */
const REMEMBERED = 1000;

/** The namespaces of one client. All views of one name share what is known of its version. */
export class Namespaces {
  readonly #core: Core;
  readonly #calls: Calls;
  readonly #versions = new Map<string, WeakRef<CurrentVersion>>();
  /** The latest, oldest first. */
  readonly #remembered = new Map<string, CurrentVersion>();
  readonly #forgotten = new FinalizationRegistry<string>((name) => {
    if (this.#versions.get(name)?.deref() === undefined) this.#versions.delete(name);
  });

  constructor(core: Core, calls: Calls) {
    this.#core = core;
    this.#calls = calls;
  }

  /** Throws IllegalInputError (ERR_MEMCACHE_KEY, ERR_MEMCACHE_OPTION). */
  view(given: string, options: NamespaceOptions): Namespace {
    const core = this.#core;
    const name = checkedName(given);
    checkNamespaceOptions(options);
    if (options.ttl !== undefined) exptime(options.ttl);
    core.codecFor(options.codec);
    const prefix = wirePrefix(core.options.keyPrefix);
    return new Namespace(name, {
      core,
      options: { ...options },
      version: this.#version(name),
      prefixFor: (version) => itemPrefix(prefix, name, version),
    });
  }

  #version(name: string): CurrentVersion {
    const known = this.#versions.get(name)?.deref();
    const version = known ?? this.#begin(name);
    this.#remembered.delete(name);
    this.#remembered.set(name, version);
    if (this.#remembered.size > REMEMBERED) {
      const [oldest] = this.#remembered.keys();
      this.#remembered.delete(oldest);
    }
    return version;
  }

  #begin(name: string): CurrentVersion {
    const core = this.#core;
    const store = new VersionStore(core, this.#calls, name);
    const version = new CurrentVersion(store, () => core.now());
    this.#versions.set(name, new WeakRef(version));
    this.#forgotten.register(version, name);
    return version;
  }
}
