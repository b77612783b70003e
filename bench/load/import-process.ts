/** A fresh process that imports one module, named by its first argument, and says how long that took. */
import { createRequire } from 'node:module';
import { sep } from 'node:path';

export interface ImportAnswer {
  readonly milliseconds: number;
  /** Packages that had CommonJS files loaded afterwards. */
  readonly packages: readonly string[];
}

const startedAt = performance.now();
await import(process.argv[2]);
const milliseconds = performance.now() - startedAt;
const marker = `${sep}node_modules${sep}`;
const names = Object.keys(createRequire(import.meta.url).cache).flatMap((file) => {
  const at = file.lastIndexOf(marker);
  if (at < 0) return [];
  const [scope, name] = file.slice(at + marker.length).split(sep);
  return [scope.startsWith('@') ? `${scope}/${name}` : scope];
});
process.send?.({ milliseconds, packages: [...new Set(names)] } satisfies ImportAnswer, () =>
  process.exit(0),
);
