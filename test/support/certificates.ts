import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** One PEM file and what is in it. */
export interface Pem {
  readonly path: string;
  readonly content: string;
}

/** A throw-away authority and a server certificate of its own making, for localhost and 127.0.0.1. */
export interface Certificates {
  readonly ca: Pem;
  readonly cert: Pem;
  readonly key: Pem;
  /** Removes the files. */
  dispose(): void;
}

/** False, or why no certificate can be made here: what node:test takes as `skip`. */
export const certificatesMissing: false | string =
  spawnSync('openssl', ['version'], { stdio: 'ignore' }).status === 0
    ? false
    : 'openssl is not installed, so no certificate can be made (apt-get install openssl)';

const NEW_KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];

const EXTENSIONS = [
  'basicConstraints=critical,CA:FALSE',
  'subjectAltName=DNS:localhost,IP:127.0.0.1',
  'extendedKeyUsage=serverAuth',
].join('\n');

/** Everything lies in one temporary folder; call `dispose` when the test is over. */
export function makeCertificates(): Certificates {
  const folder = mkdtempSync(join(tmpdir(), 'memvolley-tls-'));
  const openssl = (...args: string[]): void => {
    execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' });
  };
  const pem = (name: string): Pem => {
    const path = join(folder, name);
    return { path, content: readFileSync(path, 'utf8') };
  };
  openssl(
    ...['req', '-x509', ...NEW_KEY, '-days', '2', '-subj', '/CN=memvolley test authority'],
    ...['-keyout', 'ca.key', '-out', 'ca.pem'],
  );
  openssl(
    ...['req', '-new', ...NEW_KEY, '-subj', '/CN=localhost'],
    ...['-keyout', 'server.key', '-out', 'server.csr'],
  );
  writeFileSync(join(folder, 'extensions'), EXTENSIONS);
  openssl(
    ...['x509', '-req', '-in', 'server.csr', '-CA', 'ca.pem', '-CAkey', 'ca.key'],
    ...['-CAcreateserial', '-days', '2', '-extfile', 'extensions', '-out', 'server.pem'],
  );
  return {
    ca: pem('ca.pem'),
    cert: pem('server.pem'),
    key: pem('server.key'),
    dispose: () => {
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
