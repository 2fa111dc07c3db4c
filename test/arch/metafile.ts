import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Metafile } from 'esbuild';
import { root } from './repository.ts';

/**
 * Built-in modules that cost a start what they weigh; the hot file may load them when it needs them. node:net
 * is not one of them: node:child_process, which reads git's configuration, brings it anyway.
 */
const HEAVY = ['node:http', 'node:https', 'node:http2', 'node:tls', 'node:dns', 'node:worker_threads'];

export function loadMetafiles(): Map<string, Metafile> {
  const folder = join(root, 'dist/meta');
  const names = readdirSync(folder).filter((name) => name.endsWith('.json'));
  return new Map(
    names.map((name) => [name.replace('.json', ''), JSON.parse(readFileSync(join(folder, name), 'utf8'))]),
  );
}

/** What does not belong into the hot file, each with the module that brought it in. */
export function leaks(metafile: Metafile): string[] {
  const found: string[] = [];
  for (const [importer, { imports }] of Object.entries(metafile.inputs)) {
    for (const { path, kind, external } of imports) {
      const name = packageOf(path) ?? path;
      if (name === packageOf(importer) || path === '<runtime>') continue;
      if (packageOf(path) !== undefined) found.push(`${name} (through ${importer})`);
      else if (external && kind !== 'dynamic-import' && !isLight(path))
        found.push(`${name} (through ${importer})`);
    }
  }
  return [...new Set(found)].sort();
}

function isLight(path: string): boolean {
  if (path.endsWith('/scripts/lib/sentence.js')) return true; // bundled by the build itself
  return path.startsWith('node:') && !HEAVY.includes(path);
}

function packageOf(path: string): string | undefined {
  return /node_modules\/((?:@[^/]+\/)?[^/]+)\/(?!.*node_modules\/)/.exec(path)?.[1];
}
