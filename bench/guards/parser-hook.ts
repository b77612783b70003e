import type { ResolveHook } from 'node:module';

const UNGUARDED = new URL('./unguarded-parser.js', import.meta.url).href;

export const resolve: ResolveHook = (specifier, context, next) =>
  specifier.endsWith('/protocol/response-parser.js')
    ? { url: UNGUARDED, shortCircuit: true }
    : next(specifier, context);
