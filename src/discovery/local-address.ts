import { BlockList, isIP, isIPv4 } from 'node:net';
import type { ServerAddress } from '../connection/address.ts';

const SUBNETS: readonly (readonly [net: string, prefix: number])[] = [
  ['0.0.0.0', 8],
  ['127.0.0.0', 8],
  // Link-local, where clouds tell credentials to whoever asks.
  ['169.254.0.0', 16],
  ['fe80::', 10],
  ['fd00:ec2::254', 128],
  // Multicast and broadcast: no server is there.
  ['224.0.0.0', 4],
  ['255.255.255.255', 32],
  ['ff00::', 8],
  // Unspecified, loopback and old spellings of IPv4 addresses.
  ['::', 96],
];

const local = new BlockList();
for (const [net, prefix] of SUBNETS) local.addSubnet(net, prefix, family(net));

/**
 * Whether an address leads to this machine or its own link: a unix socket, loopback, link-local,
 * unspecified, multicast, and spellings of an IPv4 address that only a resolver understands, such
 * as 0x7f.1. Names are not resolved here.
 */
export function isLocal(address: ServerAddress): boolean {
  if ('path' in address) return true;
  const host = address.host.toLowerCase().replace(/\.$/, '');
  const ip = host.replace(/%.*$/, '');
  if (isIP(ip) !== 0) return local.check(ip, family(ip));
  return /(^|\.)(localhost|localdomain|ip6-localhost|ip6-loopback|\d+|0x[\da-f]*)$/.test(host);
}

export function family(ip: string): 'ipv4' | 'ipv6' {
  return isIPv4(ip) ? 'ipv4' : 'ipv6';
}
