import { CONNECTION_CHECKS } from './connection-checks.ts';
import type { ClientFacts, ServerFacts } from './facts.ts';
import type { Finding, FleetCheck, ServerCheck, Severity } from './finding.ts';
import { FLEET_CHECKS } from './fleet-checks.ts';
import { LIMIT_CHECKS } from './limit-checks.ts';
import { MEMORY_CHECKS } from './memory-checks.ts';
import { SECURITY_CHECKS } from './security-checks.ts';
import { TIMING_CHECKS } from './timing-checks.ts';

const SERVER_CHECKS: readonly ServerCheck[] = [
  ...SECURITY_CHECKS,
  ...LIMIT_CHECKS,
  ...CONNECTION_CHECKS,
  ...MEMORY_CHECKS,
  ...TIMING_CHECKS,
];

export const ALL_CHECKS: readonly (ServerCheck | FleetCheck)[] = [
  ...SERVER_CHECKS,
  ...FLEET_CHECKS,
];

const ORDER: readonly Severity[] = ['problem', 'warning', 'note'];

/** A server nobody could ask. */
export interface Unreached {
  readonly name: string;
  readonly reason: string;
}

/** What all checks find, the worst first; servers of which the same is said are one finding. */
export function examine(
  servers: readonly ServerFacts[],
  unreached: readonly Unreached[],
  client: ClientFacts,
): Finding[] {
  const findings: Finding[] = unreached.map(({ name, reason }) => ({
    check: 'reachable',
    servers: [name],
    severity: 'problem',
    seen: reason,
    why: 'its keys are with other servers, or nowhere',
    change: 'start it, or take it out of the list; look at address, firewall, TLS and password',
    costs: 'taking it out moves its keys for good',
  }));
  for (const check of SERVER_CHECKS) findings.push(...ofServers(check, servers, client));
  for (const { name, of } of FLEET_CHECKS) {
    const verdict = of(servers, client);
    if (verdict === undefined) continue;
    findings.push({ check: name, servers: servers.map((server) => server.name), ...verdict });
  }
  return findings.toSorted((a, b) => ORDER.indexOf(a.severity) - ORDER.indexOf(b.severity));
}

function ofServers(
  { name, of }: ServerCheck,
  servers: readonly ServerFacts[],
  client: ClientFacts,
): Finding[] {
  const found = new Map<string, Finding>();
  for (const server of servers) {
    const verdict = of(server, client);
    if (verdict === undefined) continue;
    const before = found.get(verdict.seen)?.servers ?? [];
    found.set(verdict.seen, { check: name, servers: [...before, server.name], ...verdict });
  }
  return [...found.values()];
}
