import { BlockList, isIP } from 'node:net';
import type { ServerAddress } from '../connection/address.ts';
import { kindOf } from '../primitives/kind.ts';
import { family } from './local-address.ts';
import { illegalOption } from './option-check.ts';

/** Which servers a discovery may name: suffixes of host names, whole names, IP addresses, networks. */
export class AllowList {
  readonly #suffixes: string[] = [];
  readonly #names = new Set<string>();
  readonly #networks = new BlockList();

  /** `label` is how an error names the list. */
  constructor(entries: readonly string[], label: string) {
    const list: unknown = entries;
    if (!Array.isArray(list)) {
      throw illegalOption(label, `must be a list of strings; got ${kindOf(list)}`);
    }
    list.forEach((entry: unknown, index) => this.#add(entry, `${label}[${index}]`));
  }

  /** A host name is never inside a network: what it resolves to is not known here. */
  allows(address: ServerAddress): boolean {
    if ('path' in address) return this.#names.has(address.name);
    const host = address.host.toLowerCase().replace(/\.$/, '');
    const ip = host.replace(/%.*$/, '');
    if (isIP(ip) !== 0 && this.#networks.check(ip, family(ip))) return true;
    return this.#names.has(host) || this.#suffixes.some((suffix) => host.endsWith(suffix));
  }

  #add(entry: unknown, label: string): void {
    const text = typeof entry === 'string' ? entry.toLowerCase() : '';
    const [, net = text, prefix] = /^([^/]+)\/(\d{1,3})$/.exec(text) ?? [];
    if (isIP(net) !== 0 && !net.includes('%')) this.#addNetwork(net, prefix, label);
    else if (/^\.[\w.-]*\w$/.test(text)) this.#suffixes.push(text);
    else if (/^[\w.-]*\w$/.test(text)) this.#names.add(text);
    else if (typeof entry === 'string' && /^unix:\/./.test(entry)) this.#names.add(entry);
    else {
      const allowed =
        "a suffix '.example.org', a host, an IP address, a network '10.0.0.0/8' or 'unix:/path'";
      throw illegalOption(label, `must be ${allowed}; got ${kindOf(entry)}`);
    }
  }

  #addNetwork(net: string, prefix: string | undefined, label: string): void {
    const longest = isIP(net) === 4 ? 32 : 128;
    const bits = prefix === undefined ? longest : Number(prefix);
    if (bits > longest) throw illegalOption(label, `has a prefix of more than ${longest} bits`);
    this.#networks.addSubnet(net, bits, family(net));
  }
}
