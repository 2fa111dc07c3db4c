/** Loads the program, from its code cache where there is one: adapters/codeCache.ts says when it is believed. */
import { loadCached } from './adapters/codeCache.ts';

/** Modules that were loaded from a cache; Node keeps the others. */
const loaded = new Map<string, { readonly exports: unknown }>();

load('./main.cjs');

/** What `require` is to the bundles: those beside them come from the cache as well. */
function load(name: string): unknown {
  const file = name.startsWith('./') ? `${import.meta.dirname}/${name.slice(2)}` : name;
  const known = loaded.get(file);
  if (known !== undefined) return known.exports;
  const compiled = file.endsWith('.cjs') ? loadCached(file) : undefined;
  if (compiled === undefined) return require(file);
  const module = { exports: {} };
  loaded.set(file, module);
  compiled(module.exports, load, module, file, import.meta.dirname);
  return module.exports;
}
