import type { ClientFacts, ServerFacts } from './facts.ts';

/** `problem`: something is lost or open now. `warning`: it will be. `note`: worth knowing. */
export type Severity = 'problem' | 'warning' | 'note';

/** What a check says of what it saw. */
export interface Verdict {
  readonly severity: Severity;
  /** The figures. */
  readonly seen: string;
  readonly why: string;
  /** The flag or the option, exactly. */
  readonly change: string;
  /** What the change takes. */
  readonly costs: string;
}

export interface Finding extends Verdict {
  readonly check: string;
  readonly servers: readonly string[];
}

/** Looks at one server after the other. */
export interface ServerCheck {
  readonly name: string;
  readonly of: (server: ServerFacts, client: ClientFacts) => Verdict | undefined;
}

/** Looks at all servers at once. */
export interface FleetCheck {
  readonly name: string;
  readonly of: (servers: readonly ServerFacts[], client: ClientFacts) => Verdict | undefined;
}
