import { execFileSync } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '../..');

/** Vitest's global set-up: builds where the source is newer than what was built from it. */
export default function setup() {
  if (!isStale()) return;
  execFileSync(process.execPath, [join(root, 'scripts/build.mjs')], { cwd: root, stdio: 'inherit' });
}

function isStale() {
  const built = statSync(join(root, 'dist/meta/built'), { throwIfNoEntry: false });
  if (built === undefined) return true;
  const inputs = ['package.json', 'package-lock.json', ...filesBelow('src'), ...filesBelow('scripts')];
  return inputs.some((file) => statSync(join(root, file)).mtimeMs > built.mtimeMs);
}

function filesBelow(folder) {
  return readdirSync(join(root, folder), { recursive: true })
    .map((name) => join(folder, name))
    .filter((name) => /\.(ts|mjs|json|html|css)$/.test(name));
}
