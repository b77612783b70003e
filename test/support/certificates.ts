import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** One PEM file and what is in it. */
export interface Pem {
  readonly path: string;
  readonly content: string;
}

/** Whom a certificate is for. */
export interface Subject {
  /** As in the extension, such as `DNS:cache.test,IP:127.0.0.1`. Default: localhost and 127.0.0.1. */
  readonly names?: string;
  /** Default: it is valid for two days. */
  readonly expired?: boolean;
  /** Default: a server. */
  readonly client?: boolean;
  /** Signed by itself, not by the authority. */
  readonly selfSigned?: boolean;
  /** What its key is encrypted with. Default: nothing. */
  readonly passphrase?: string;
}

/** A throw-away authority and a server certificate of its own making, for localhost and 127.0.0.1. */
export interface Certificates {
  readonly ca: Pem;
  readonly cert: Pem;
  readonly key: Pem;
  /** Another certificate of the same authority. */
  issue(subject: Subject): { readonly cert: Pem; readonly key: Pem };
  /** Removes the files. */
  dispose(): void;
}

/** False, or why no certificate can be made here: what node:test takes as `skip`. */
export const certificatesMissing: false | string =
  spawnSync('openssl', ['version'], { stdio: 'ignore' }).status === 0
    ? false
    : 'openssl is not installed, so no certificate can be made (apt-get install openssl)';

const CURVE = ['ec', '-pkeyopt', 'ec_paramgen_curve:P-256'];
const NEW_KEY = ['-newkey', ...CURVE, '-nodes'];
const LOCAL = 'DNS:localhost,IP:127.0.0.1';

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
  let issued = 0;
  const issue: Certificates['issue'] = (subject) => {
    const name = `issued-${issued++}`;
    const { passphrase } = subject;
    const cipher = passphrase === undefined ? [] : ['-aes256', '-pass', `pass:${passphrase}`];
    openssl('genpkey', '-algorithm', ...CURVE, ...cipher, '-out', `${name}.key`);
    const unlock = passphrase === undefined ? [] : ['-passin', `pass:${passphrase}`];
    openssl(
      ...['req', '-new', '-key', `${name}.key`, ...unlock],
      ...['-subj', '/CN=memvolley', '-out', `${name}.csr`],
    );
    writeFileSync(join(folder, `${name}.ext`), extensionsOf(subject));
    const signer =
      subject.selfSigned === true
        ? ['-key', `${name}.key`, ...unlock]
        : ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial'];
    const days = subject.expired === true ? '-1' : '2';
    openssl(
      ...['x509', '-req', '-in', `${name}.csr`, ...signer, '-days', days],
      ...['-extfile', `${name}.ext`, '-out', `${name}.pem`],
    );
    return { cert: pem(`${name}.pem`), key: pem(`${name}.key`) };
  };
  const dispose = (): void => rmSync(folder, { recursive: true, force: true });
  return { ca: pem('ca.pem'), ...issue({}), issue, dispose };
}

function extensionsOf({ names = LOCAL, client = false }: Subject): string {
  return [
    'basicConstraints=critical,CA:FALSE',
    `subjectAltName=${names}`,
    `extendedKeyUsage=${client ? 'clientAuth' : 'serverAuth'}`,
  ].join('\n');
}
