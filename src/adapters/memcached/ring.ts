import { createHash } from 'node:crypto';
import type { HashNode, UserHasher } from '../../index.ts';

/** A server's part of the ring, as npm `memcached` takes it in `{ 'host:port': share }`. */
export interface Share {
  /** Its part of the keys relative to the others. */
  readonly weight: number;
  /** Labels of the server, in place of those its weight gives it. */
  readonly vnodes: number;
}

export interface RingSettings {
  readonly algorithm: string | ((key: string) => Uint8Array);
  readonly compatibility: string | false | undefined;
}

const LABELS_PER_SERVER = 40;
const DEFAULT_PORT = 11_211;

interface Point {
  readonly value: number;
  readonly server: number;
}

/**
 * The ring of that package's own hashring where it is not as it comes (`hash: 'hashring'`): another hash, another
 * number of points, shares that are no whole numbers. `shares` answers those of the nodes, in their order.
 */
export function ring(settings: RingSettings, shares: () => readonly Share[]): UserHasher {
  const digest = digester(settings.algorithm);
  return (nodes) => {
    const points = pointsOf(nodes, { settings, shares: shares(), digest });
    const values = points.map(({ value }) => value);
    return {
      locate: (key) => {
        const text = typeof key === 'string' ? key : Buffer.from(key).toString('utf8');
        const place = lowerBound(values, word(digest(text), 0));
        return points[place === points.length ? 0 : place].server;
      },
    };
  };
}

type Digest = (text: string) => Uint8Array;

const digester = (algorithm: RingSettings['algorithm']): Digest =>
  typeof algorithm === 'function'
    ? (text) => Buffer.from(algorithm(text))
    : (text) => createHash(algorithm).update(text).digest();

interface Making {
  readonly settings: RingSettings;
  readonly shares: readonly Share[];
  readonly digest: Digest;
}

function pointsOf(nodes: readonly HashNode[], { settings, shares, digest }: Making): Point[] {
  const { compatibility } = settings;
  const replicas = compatibility === 'hash_ring' ? 3 : 4;
  const total = shares.reduce((sum, { weight }) => sum + weight, 0);
  const points = nodes.flatMap((node, server) => {
    const { weight, vnodes } = shares[server];
    const labels =
      vnodes === 0 ? Math.floor((weight / total) * LABELS_PER_SERVER * nodes.length) : vnodes;
    const text = textOf(node, compatibility === 'ketama');
    return Array.from({ length: labels }, (_, label) => digest(`${text}-${label}`)).flatMap(
      (bytes) =>
        Array.from({ length: replicas }, (_, place) => ({ value: word(bytes, place), server })),
    );
  });
  return points.toSorted((one, other) => one.value - other.value);
}

function textOf({ label, spelling, name, host, port }: HashNode, hidesPort: boolean): string {
  if (label !== undefined) return label;
  if (hidesPort && port === DEFAULT_PORT && host !== undefined) return host;
  return spelling ?? name;
}

/** The place-th four bytes, the first one least; what a short digest lacks counts as 0. */
function word(bytes: Uint8Array, place: number): number {
  const at = (i: number): number => (4 * place + i < bytes.length ? bytes[4 * place + i] : 0);
  return ((at(3) << 24) | (at(2) << 16) | (at(1) << 8) | at(0)) >>> 0;
}

/** The first place whose value is not less; the length where there is none. */
function lowerBound(values: readonly number[], wanted: number): number {
  let [low, high] = [0, values.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (values[middle] < wanted) low = middle + 1;
    else high = middle;
  }
  return low;
}
