import { clockwise } from './continuum.ts';
import type { Hasher } from './hasher.ts';
import { md5Points } from './ketama.ts';
import { KEY_HASHES } from './key-hash.ts';
import { hashringText } from './node-text.ts';

const LABELS_PER_SERVER = 40;

/**
 * The ring of the npm package `memcached` (hashring 3 with its defaults): ketama of 160 points, whose shares are
 * rounded in double precision. With some numbers of servers, 7 or 49 of equal weight, each has a label less than
 * libmemcached gives it.
 */
export const hashring: Hasher = (nodes) => {
  const total = nodes.reduce((sum, { weight }) => sum + weight, 0);
  const points = nodes.flatMap((node, server) => {
    // In this order: 1 / 7 * 40 * 7 and 1 * 40 * 7 / 7 differ.
    const labels = Math.floor((node.weight / total) * LABELS_PER_SERVER * nodes.length);
    return md5Points(hashringText(node), server, labels);
  });
  return clockwise(points, KEY_HASHES.md5);
};
