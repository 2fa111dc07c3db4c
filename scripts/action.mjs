// Builds action/gate.cjs, which action.yml runs: one file that needs nothing but Node and git. It is committed, so that
// the id of a commit stands for all that runs, and not minified, so that its changes can be read.
// `--out FILE` builds another one (test/package/action.test.ts compares the two).
import { readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import * as esbuild from 'esbuild';
import { renderLicenses } from './lib/licenses.mjs';

const root = resolve(import.meta.dirname, '..');
const { values: options } = parseArgs({
  options: { out: { type: 'string', default: join(root, 'action/gate.cjs') } },
});
const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));

const { outputFiles, metafile } = await esbuild.build({
  entryPoints: [join(root, 'src/action.ts')],
  absWorkingDir: root,
  write: false,
  bundle: true,
  metafile: true,
  legalComments: 'none',
  platform: 'node',
  format: 'cjs',
  target: 'node20',
  mainFields: ['module', 'main'],
  // Comments name the files: the same ones wherever packages are kept.
  preserveSymlinks: true,
  define: { __VERSION__: JSON.stringify(version), 'import.meta.dirname': '__shipped' },
  logLevel: 'warning',
});
const [{ text }] = outputFiles;
const licenses = (await renderLicenses(root, [metafile])).replace(/^/gm, '// ').replace(/ +$/gm, '');
const head = `// Built by scripts/action.mjs from src/action.ts: change that, and build again.
// The trusted root is the one of the source beside it.
const __shipped = require('node:path').join(__dirname, '../src/adapters/trust');
`;
await writeFile(resolve(options.out), `${head}${text}\n${licenses}`);
