import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = resolve(fileURLToPath(import.meta.url), '../../../..');

/** The lock file of the project holds these already, so npm finds them in its cache. */
const INSTALL = ['install', '--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund'];

function npm(cwd: string, ...args: string[]): string {
  return execFileSync('npm', args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

/** What npm tells of a tarball. */
export interface Tarball {
  readonly filename: string;
  /** Bytes of the tarball, and of what is in it. */
  readonly size: number;
  readonly unpackedSize: number;
  readonly files: readonly { readonly path: string; readonly size: number }[];
}

/** A user's project with the package as it would be published, and nothing else. */
export class InstalledPackage {
  readonly folder: string;
  readonly tarball: Tarball;

  /** What is packed is the build that the other tests run against. */
  constructor() {
    this.folder = mkdtempSync(join(tmpdir(), 'memvolley-package-'));
    const report = npm(
      root,
      ...['pack', '--ignore-scripts', '--json', '--pack-destination', this.folder],
    );
    const [tarball] = JSON.parse(report) as Tarball[];
    assert.ok(tarball !== undefined);
    this.tarball = tarball;
    this.write('package.json', JSON.stringify({ name: 'scratch', private: true }));
    npm(this.folder, ...INSTALL, join(this.folder, tarball.filename));
  }

  write(name: string, text: string): string {
    const path = join(this.folder, name);
    writeFileSync(path, text);
    return path;
  }

  /** Runs a script in the project and answers the JSON it prints. */
  run(name: string, source: string, ...args: string[]): unknown {
    this.write(name, source);
    const output = execFileSync(process.execPath, [name, ...args], {
      cwd: this.folder,
      encoding: 'utf8',
      timeout: 30_000,
    });
    return JSON.parse(output) as unknown;
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
