import type { StartMemcachedOptions } from '../../src/testing/index.ts';
import type { AskName } from './load/asks.ts';
import type { SettingName } from './stage/settings.ts';
import type { Stage } from './stage/stage.ts';

/** Something that goes wrong. */
export interface Fault {
  readonly label: string;
  /** On the way to the server, so that a chaos proxy stands there. */
  readonly proxied: boolean;
  /** Servers lose what was stored, or stand-ins answer that never had it: a miss is no lie. */
  readonly loses?: boolean;
  /** The reply itself says that there is nothing: nobody can tell such a miss from a true one. */
  readonly mayMiss?: boolean;
  /** It is there before the client has connected; else it befalls callers at work. */
  readonly atFirst?: boolean;
  /** Milliseconds between the calls of a caller, where the usual one keeps the fault from striking. */
  readonly pauseMs?: number;
  /** Flags of the servers. */
  readonly server?: StartMemcachedOptions;
  /** Does it; resolves when it is over, with how often it struck where the proxies do not count that. */
  happen(stage: Stage): Promise<number | void>;
}

/** A fault, what is asked meanwhile, and by what client. */
export interface FaultCase {
  readonly family: string;
  /** `family: fault, ask, setting`; no two are alike. */
  readonly name: string;
  readonly fault: Fault;
  readonly ask: AskName;
  readonly setting: SettingName;
}

/** Each of the faults with each of the asks and each of the settings. */
export function everyOf(
  family: string,
  faults: readonly Fault[],
  asks: readonly AskName[],
  settings: readonly SettingName[] = ['one'],
): FaultCase[] {
  return faults.flatMap((fault) =>
    settings.flatMap((setting) =>
      asks.map((ask) => ({
        family,
        name: `${family}: ${fault.label}; ${ask}; ${setting}`,
        fault,
        ask,
        setting,
      })),
    ),
  );
}
