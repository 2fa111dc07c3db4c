// Builds dist/: the hot file that git starts, the bundles it loads lazily, the library, its types and the
// licences of what is in them. `--src DIR --out DIR` build another tree (used by the tests of this script).
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import * as esbuild from 'esbuild';
import { compileEagerly } from './lib/eager.mjs';
import { bundleName, lazyBundles } from './lib/lazy.mjs';
import { renderLicenses } from './lib/licenses.mjs';
import { sentencesApart } from './lib/sentences.mjs';
import { bundleTypes } from './lib/types.mjs';

const startedAt = new Date();
const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const { values: options } = parseArgs({
  options: {
    src: { type: 'string', default: join(root, 'src') },
    out: { type: 'string', default: join(root, 'dist') },
    types: { type: 'boolean', default: true },
  },
  allowNegative: true,
});
const srcDir = resolve(options.src);
const outDir = resolve(options.out);
const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));

/** Native, so it cannot be bundled: the only dependency of the published package. */
const EXTERNAL = ['@napi-rs/keyring'];

/** What git's two calls load. */
const HOT = /^(main|sign|adapters-keychain-nativeStore|cli-callFacts)$/;

/** Only where it is asked for: making a URL of a path takes some of each start. */
const IMPORT_META_URL = 'const __importMetaUrl=require("node:url").pathToFileURL(__filename).href;';

/** What the hot file says rarely, by number. */
const sentences = [];

const entries = ['start.ts', 'main.ts', 'index.ts']
  .map((name) => join(srcDir, name))
  .filter((file) => existsSync(file));
const bundles = await bundleAll(entries).catch((error) => {
  // esbuild has said on stderr what is wrong, and where.
  if (error.errors === undefined) throw error;
  process.exit(1);
});
const outputs = new Map();
for (const { name, code, metafile } of bundles) {
  outputs.set(`${name}.cjs`, code);
  outputs.set(`meta/${name}.json`, `${JSON.stringify(metafile, null, 1)}\n`);
}
outputs.set('trusted_root.json', await readFile(join(root, 'src/adapters/trust/trusted_root.json')));
outputs.set('tuf_root.json', await readFile(join(root, 'src/adapters/tuf/tuf_root.json')));
const isWhole = entries.length === 3;
if (isWhole) outputs.set('index.mjs', await esmWrapper());
if (options.types && isWhole) {
  const types = bundleTypes(join(srcDir, 'index.ts'));
  outputs.set('index.d.ts', types);
  outputs.set('index.d.cts', types);
}
outputs.set('sentences.json', `${JSON.stringify(sentences, null, 1)}\n`);
outputs.set('meta/built', '');
await writeAll(outputs);
if (isWhole) await writeCaches();
// Whatever changes while this runs is newer than what was built.
await utimes(join(outDir, 'meta/built'), startedAt, startedAt);
if (outDir === join(root, 'dist')) {
  const licenses = await renderLicenses(
    root,
    bundles.map(({ metafile }) => metafile),
  );
  await writeAtomically(join(root, 'THIRD_PARTY_LICENSES.txt'), licenses);
}
for (const { name, code } of bundles) process.stdout.write(`${sizeText(code)}  ${name}.cjs\n`);

/** Bundles the entries and, recursively, every module that is reached by a dynamic import. */
async function bundleAll(entries) {
  const pending = [...entries];
  const built = new Map();
  for (let file = pending.shift(); file !== undefined; file = pending.shift()) {
    const name = bundleName(srcDir, file);
    if (built.get(name)) continue;
    built.set(name, await bundle(name, file, (lazy) => pending.push(lazy)));
  }
  return [...built.values()];
}

async function bundle(name, entry, onLazyEntry) {
  const hot = name === 'main';
  const result = await esbuild.build({
    entryPoints: [entry],
    outfile: join(outDir, `${name}.cjs`),
    absWorkingDir: root,
    write: false,
    bundle: true,
    metafile: true,
    minify: true,
    // oidc-provider files its models under `constructor.name`.
    keepNames: name.startsWith('sandbox'),
    legalComments: 'none',
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    // `import()` becomes a lazy require: no ESM loader to start, and it works for our .cjs bundles.
    supported: { 'dynamic-import': false },
    external: EXTERNAL,
    alias: { 'string-width': join(root, 'scripts/lib/plainWidth.js') },
    // Packages that offer a CommonJS build beside an ES module: the latter can be tree-shaken.
    mainFields: ['module', 'main'],
    define: {
      __VERSION__: JSON.stringify(version),
      'import.meta.dirname': '__dirname',
      'import.meta.filename': '__filename',
      ...(hot ? {} : { 'import.meta.url': '__importMetaUrl' }),
    },
    ...(hot ? { inject: [join(root, 'scripts/lib/sentence.js')] } : {}),
    plugins: [lazyBundles(srcDir, onLazyEntry), ...(hot ? [sentencesApart(srcDir, sentences)] : [])],
    logLevel: 'warning',
  });
  const [{ text }] = result.outputFiles;
  const whole = text.includes('__importMetaUrl') ? IMPORT_META_URL + text : text;
  const code = Buffer.from(HOT.test(name) ? compileEagerly(whole) : whole);
  return { name, code, metafile: result.metafile };
}

/** For the Node that builds, by the code that `git-signet setup` has for others. Caches of other builds go. */
async function writeCaches() {
  await rm(join(outDir, 'cache'), { recursive: true, force: true });
  const { writeCodeCaches } = createRequire(import.meta.url)(join(outDir, 'adapters-writeCodeCache.cjs'));
  writeCodeCaches(outDir);
}

/** One instance of the library for both module systems: the ES module hands on the CommonJS one. */
async function esmWrapper() {
  const { metafile } = await esbuild.build({
    entryPoints: [join(srcDir, 'index.ts')],
    absWorkingDir: root,
    write: false,
    bundle: true,
    metafile: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
  });
  const [{ exports }] = Object.values(metafile.outputs);
  return `export { ${exports.sort().join(', ')} } from './index.cjs';\n`;
}

/** Writes each file whole and removes what an earlier build left, so a running program never sees half. */
async function writeAll(files) {
  await mkdir(join(outDir, 'meta'), { recursive: true });
  for (const [name, data] of files) await writeAtomically(join(outDir, name), data);
  for (const folder of ['', 'meta']) {
    for (const entry of await readdir(join(outDir, folder), { withFileTypes: true })) {
      const name = join(folder, entry.name);
      if (entry.isFile() && !files.has(name) && !entry.name.endsWith('.new')) await rm(join(outDir, name));
    }
  }
}

async function writeAtomically(path, data) {
  const temporary = `${path}.${process.pid}.new`;
  await writeFile(temporary, data);
  await rename(temporary, path);
}

function sizeText(code) {
  return `${(code.length / 1000).toFixed(1).padStart(8)} kB`;
}
