/** Loads the program, from its code cache where there is one: adapters/codeCache.ts says when it is believed. */
import { loadCached } from './adapters/codeCache.ts';

const loaded = new Map<string, unknown>();

// `--status-fd=2 -bsau KEY`, as git signs: the bundle for it has no need of the one that verifies.
load(process.argv[3] === '-bsau' ? './sign.cjs' : './main.cjs');

/**
 * What `require` is to the bundles: those beside them come from the cache as well. Answers are kept here, because
 * Node looks through all exports of a module of its own each time that it is asked for.
 */
function load(name: string): unknown {
  const known = loaded.get(name);
  if (known !== undefined) return known;
  const file = name.startsWith('./') ? `${import.meta.dirname}/${name.slice(2)}` : name;
  const compiled = file === name ? undefined : loadCached(file);
  const module = { exports: {} as unknown };
  if (compiled === undefined) module.exports = require(file);
  else compiled(module.exports, load, module, file, import.meta.dirname);
  loaded.set(name, module.exports);
  return module.exports;
}
