import { access } from 'node:fs/promises';
import { dirname, relative, resolve, sep } from 'node:path';

/**
 * Turns every `import('./x.ts')` of our own source into a lazy require of a bundle of its own, and calls
 * `onEntry` with the source file, so that a new lazy boundary needs nothing but the `import()`.
 * Dynamic imports of npm packages are left to esbuild, which puts them into the bundle that asks.
 */
export function lazyBundles(srcDir, onEntry) {
  return {
    name: 'lazy-bundles',
    setup(build) {
      build.onResolve({ filter: /^\.\.?\// }, async ({ kind, path, importer, resolveDir }) => {
        if (kind !== 'dynamic-import' || !importer.startsWith(srcDir + sep)) return undefined;
        const file = resolve(resolveDir, path);
        const found = await access(file).then(
          () => true,
          () => false,
        );
        if (!found) return { errors: [{ text: `no such lazy module: ${file}` }] };
        onEntry(file);
        return { path: `./${bundleName(srcDir, file)}.cjs`, external: true };
      });
    },
  };
}

/** `src/cli/main.ts` is bundled as `cli-main`, `src/main.ts` as `main`. */
export function bundleName(srcDir, file) {
  const folder = relative(srcDir, dirname(file));
  const base = relative(dirname(file), file).replace(/\.ts$/, '');
  return [...folder.split(sep).filter(Boolean), base].join('-');
}
