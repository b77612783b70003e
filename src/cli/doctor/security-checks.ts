import { countOf, hostOf, isLoopback, isPublic } from './facts.ts';
import type { ServerCheck } from './finding.ts';

const NO_ADDRESS = ['NULL', '', '0.0.0.0', '::', '*'];

export const SECURITY_CHECKS: readonly ServerCheck[] = [
  {
    name: 'udp',
    of({ settings }) {
      const port = countOf(settings, 'udpport');
      if (port === 0) return undefined;
      return {
        severity: 'problem',
        seen: `-U ${port}`,
        why: 'an answer over UDP is thousands of times its question: such servers are made to flood others (CVE-2018-1000115)',
        change: 'memcached -U 0',
        costs: 'nothing here: no client of this kind speaks UDP',
      };
    },
  },
  {
    name: 'listening',
    of({ name, settings }, { auth }) {
      const address = settings.get('inter');
      if (address === undefined || name.startsWith('unix:')) return undefined;
      const everywhere = NO_ADDRESS.includes(String(address));
      if (!everywhere && !isPublic(String(address))) return undefined;
      return {
        severity: auth ? 'note' : 'warning',
        seen: everywhere ? 'it listens on every address' : `it listens on ${String(address)}`,
        why: auth
          ? 'whoever reaches it can try passwords'
          : 'whoever reaches it can read, change and remove everything',
        change:
          'memcached -l with the private address; a firewall; -Y FILE with a password and -Z for TLS',
        costs: 'nothing; TLS costs CPU at both ends',
      };
    },
  },
  {
    name: 'plain-text',
    of({ name }, { tls, auth }) {
      const host = hostOf(name);
      if (tls || isLoopback(host)) return undefined;
      if (!isPublic(host) && !auth) return undefined;
      return {
        severity: isPublic(host) ? 'problem' : 'warning',
        seen: `${auth ? 'the password and all values go' : 'all values go'} to ${host} in plain text`,
        why: 'whoever is on the way can read and change them',
        change: 'memcached -Z with a certificate, and option tls: true (memcacheds://)',
        costs: 'CPU at both ends, and a longer dial',
      };
    },
  },
  {
    name: 'auth-errors',
    of({ stats }) {
      const errors = countOf(stats, 'auth_errors');
      if (errors === 0) return undefined;
      return {
        severity: 'warning',
        seen: `${errors} wrong passwords of ${countOf(stats, 'auth_cmds')}`,
        why: 'a program has an old password, or somebody is guessing',
        change: 'look for who connects: memcached -v says so in its log; stats conns lists them',
        costs: 'nothing',
      };
    },
  },
];
