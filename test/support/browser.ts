import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { spawnSync } from 'node:child_process';

const BROWSERS = ['/usr/bin/chromium', 'chromium', 'chromium-browser', 'google-chrome'];
const PATIENCE_MS = 90_000;

const browser = BROWSERS.find(
  (path) => spawnSync(path, ['--version'], { stdio: 'ignore', timeout: 30_000 }).status === 0,
);

/** False, or why tests that look at a page cannot run here: what node:test takes as `skip`. */
export const browserMissing: false | string =
  browser === undefined && 'chromium is not installed (apt-get install chromium)';

export interface Look {
  readonly width: number;
  readonly dark: boolean;
}

/** Settings of Chromium's own: 0 is dark. */
const scheme = (dark: boolean): string =>
  `--blink-settings=preferredColorScheme=${dark ? '0' : '1'}`;

/**
 * Opens a page in a real browser that has no network, runs a script in it that leaves a value in `seen`, and answers
 * that.
 */
export async function seenIn(
  page: string,
  script: string,
  { width, dark }: Look,
): Promise<unknown> {
  if (browser === undefined) throw new Error('there is no browser');
  const folder = await mkdtemp(join(tmpdir(), 'browser-'));
  const ending = `<script>{${script};const out=document.createElement('pre');out.id='seen';out.textContent=btoa(unescape(encodeURIComponent(JSON.stringify(seen))));document.body.append(out)}</script></body>`;
  try {
    const path = join(folder, 'page.html');
    await writeFile(path, page.replace('</body>', ending));
    const { stdout } = await promisify(execFile)(
      browser,
      [
        ...['--headless', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'],
        ...['--no-first-run', '--disable-background-networking', '--hide-scrollbars'],
        ...['--host-resolver-rules=MAP * ~NOTFOUND', `--user-data-dir=${join(folder, 'profile')}`],
        ...[`--window-size=${width},900`, scheme(dark), '--dump-dom', pathToFileURL(path).href],
      ],
      { timeout: PATIENCE_MS, killSignal: 'SIGKILL', maxBuffer: 64 * 1024 * 1024 },
    );
    const encoded = /<pre id="seen">([^<]*)<\/pre>/.exec(stdout)?.[1];
    if (encoded === undefined) throw new Error(`nothing was seen in ${stdout.slice(0, 200)}`);
    return JSON.parse(Buffer.from(encoded, 'base64').toString());
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
