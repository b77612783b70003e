// The public interface as text, a file for each door of package.json in test/package/api: a change of it shows in a
// review as lines of these files.
//
//   npm run api              writes them anew
//   npm run api -- --check   fails where one is not what it says (npm run package:check)
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Extractor, ExtractorConfig, ExtractorLogLevel } from '@microsoft/api-extractor';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const reports = join(root, 'test/package/api');
const written = join(root, 'dist/api');
const isCheck = process.argv.includes('--check');

/** What the main door exports is one of its own report; seen from another door it is of the package. */
const OF_MAIN_DOOR = ['dist/src/index.ts', 'dist/src/errors.ts'].map((path) => resolve(root, path));

function doorsByName() {
  const doors = Object.entries(manifest.exports).filter(([, { types }]) => types !== undefined);
  return doors.map(([door, { types }]) => ({
    name: door === '.' ? 'index' : door.slice(2).replaceAll('/', '-'),
    types: types.replace(/^\.\/dist\//, ''),
  }));
}

/** The declarations of all doors but the main one, which they import as a user's program does. */
function copyDeclarations(into) {
  const from = join(root, 'dist/src');
  for (const file of readdirSync(from, { recursive: true, encoding: 'utf8' })) {
    if (!/\.d\.m?ts$/.test(file)) continue;
    const source = join(from, file);
    const text = readFileSync(source, 'utf8').replace(
      /(\bfrom |\bimport\()'(\.\.?\/[^']+)'/g,
      (whole, keyword, path) =>
        OF_MAIN_DOOR.includes(resolve(dirname(source), path)) ? `${keyword}'memvolley'` : whole,
    );
    const target = join(into, 'src', file);
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, text);
  }
}

function stage() {
  rmSync(written, { recursive: true, force: true });
  const installed = join(written, 'node_modules/memvolley');
  cpSync(join(root, 'dist/src'), join(installed, 'dist/src'), {
    recursive: true,
    filter: (path) => !/\.js(\.map)?$/.test(path),
  });
  cpSync(join(root, 'package.json'), join(installed, 'package.json'));
  cpSync(join(root, 'package.json'), join(written, 'package.json'));
  copyDeclarations(written);
  mkdirSync(join(written, 'reports'));
}

const silent = { default: { logLevel: ExtractorLogLevel.None, addToApiReportFile: false } };

function configOf({ name, types }) {
  const folder = name === 'index' ? join(root, 'dist') : written;
  const entry = join(folder, types);
  return ExtractorConfig.prepare({
    configObject: {
      projectFolder: folder,
      mainEntryPointFilePath: entry,
      newlineKind: 'lf',
      compiler: {
        overrideTsconfig: {
          compilerOptions: {
            strict: true,
            target: 'es2023',
            lib: ['es2023', 'esnext.disposable'],
            module: 'node20',
            types: ['node'],
            skipLibCheck: true,
          },
          files: [entry],
        },
      },
      apiReport: {
        enabled: true,
        includeForgottenExports: true,
        reportFileName: `${name}.api.md`,
        reportFolder: join(written, 'reports'),
        reportTempFolder: join(written, 'reports'),
      },
      docModel: { enabled: false },
      dtsRollup: { enabled: false },
      tsdocMetadata: { enabled: false },
      messages: {
        compilerMessageReporting: {
          default: { logLevel: ExtractorLogLevel.Error, addToApiReportFile: false },
        },
        extractorMessageReporting: silent,
        tsdocMessageReporting: silent,
      },
    },
    configObjectFullPath: undefined,
    packageJsonFullPath: join(root, 'package.json'),
  });
}

/** The text of a door's report. */
function reportOf(door) {
  const { errorCount } = Extractor.invoke(configOf(door), {
    localBuild: true,
    messageCallback: (message) => {
      message.handled = message.logLevel !== ExtractorLogLevel.Error;
    },
  });
  if (errorCount > 0) throw new Error(`the declarations of ${door.types} cannot be read`);
  return reachable(readFileSync(join(written, 'reports', `${door.name}.api.md`), 'utf8'));
}

/** How a class is made of others, and what its own subclasses see of it, is nobody's interface. */
const INNER_LINE = /^ +(?:\/\/|constructor\(|protected |#private)/;

/**
 * A report with what is exported and what that leads to: options and verbs come from types that have no name at the
 * door, but all the rooms that the constructors of the classes lead to are left out.
 */
function reachable(report) {
  const [head, ...texts] = report.split(/\n\n(?=\/\/ [@(])/);
  const named = new Set(
    Array.from(report.matchAll(/^export (?:default |\{ )(\w+)/gm), ([, name]) => name),
  );
  const declarations = texts.map((text) => {
    const [, exported, name] =
      /^(export )?(?:declare |abstract )*(?:class|interface|type|const|function) (\w+)/m.exec(
        text,
      ) ?? [];
    return { text, name, kept: exported !== undefined || name === undefined || named.has(name) };
  });
  const kept = declarations.filter((declaration) => declaration.kept);
  for (const { text } of kept) {
    const lines = text.split('\n').filter((line) => !INNER_LINE.test(line));
    const words = new Set(lines.join('\n').match(/\b[A-Z]\w*\b/g));
    for (const other of declarations) {
      if (other.kept || !words.has(other.name)) continue;
      other.kept = true;
      kept.push(other);
    }
  }
  return [head, ...declarations.filter(({ kept: keep }) => keep).map(({ text }) => text)].join(
    '\n\n',
  );
}

function firstDifference(old, now) {
  const [before, after] = [old.split('\n'), now.split('\n')];
  const at = after.findIndex((line, i) => line !== before[i]);
  const line = at === -1 ? after.length : at;
  return `line ${line + 1}: ${before[line] ?? '(nothing)'} | now: ${after[line] ?? '(nothing)'}`;
}

stage();
const doors = doorsByName();
const stale = [];
for (const door of doors) {
  const path = join(reports, `${door.name}.api.md`);
  const old = existsSync(path) ? readFileSync(path, 'utf8') : '';
  const now = reportOf(door);
  if (old === now) continue;
  stale.push(`${door.name}.api.md, ${firstDifference(old, now)}`);
  if (!isCheck) {
    mkdirSync(reports, { recursive: true });
    writeFileSync(path, now);
  }
}
const known = new Set(doors.map(({ name }) => `${name}.api.md`));
for (const file of existsSync(reports) ? readdirSync(reports) : []) {
  if (known.has(file)) continue;
  stale.push(`${file}, of no door of package.json`);
  if (!isCheck) rmSync(join(reports, file));
}
for (const line of stale)
  console.log(`memvolley: ${isCheck ? 'not as it was' : 'written'}: ${line}`);
if (isCheck && stale.length > 0) {
  console.error(
    'memvolley: the interface has changed: look at it, run `npm run api`, and commit test/package/api',
  );
  process.exitCode = 1;
}
