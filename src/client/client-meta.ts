import type { Administration, NoopOptions } from './administration.ts';
import type { KeyCalls } from './key-calls.ts';
import { MetaVerbs } from './meta-verbs.ts';

/** The meta commands of a client, those about whole servers among them. */
export class ClientMetaVerbs extends MetaVerbs {
  readonly #administration: Administration;

  constructor(calls: KeyCalls, administration: Administration) {
    super(calls);
    this.#administration = administration;
  }

  /** `mn`: asks each server for nothing but an answer; true by server. */
  noop(options: NoopOptions = {}): Promise<Map<string, true>> {
    return this.#administration.noop(options);
  }
}
