import { dirname, join } from 'node:path/posix';
import { importsOf } from './imports.ts';

/** What each part of src may reach; parts are folders or files directly below src. */
const ARROWS: Readonly<Record<string, readonly string[]>> = {
  errors: [],
  core: ['core', 'errors', 'node:crypto'],
  ports: ['core', 'errors', 'node:crypto'],
  app: ['app', 'core', 'ports', 'errors', 'node:crypto', 'node:timers/promises'],
  adapters: ['adapters', 'core', 'ports', 'errors', 'node:*', 'npm'],
  sandbox: ['sandbox', 'core', 'ports', 'errors', 'node:*', 'npm'],
  cli: ['cli', 'app', 'adapters', 'sandbox', 'core', 'ports', 'errors', 'node:*', 'npm'],
  // The loader takes bundles by their file names.
  start: ['adapters', 'node:*', '<not a literal>'],
  main: ['cli', 'sign', 'core', 'errors', 'node:*'],
  sign: ['cli', 'node:*'],
  // What action.yml runs.
  action: ['cli'],
  // The library is the other place that composes adapters into ports.
  index: ['app', 'adapters', 'core', 'ports', 'errors', 'node:*'],
};

/**
 * The edges that run against the architecture, as `from:line -> to` with the parts that they join.
 * `files` maps paths below src, such as `core/der.ts`, to their text.
 */
export function brokenArrows(files: ReadonlyMap<string, string>): string[] {
  const broken: string[] = [];
  for (const [path, text] of files) {
    const from = partOf(path);
    const allowed = ARROWS[from];
    if (allowed === undefined) broken.push(`${path}: src has no place for this`);
    for (const { specifier, line } of importsOf(path, text)) {
      const to = targetOf(path, specifier);
      const wildcard = to.startsWith('node:') ? 'node:*' : to;
      if (allowed && !allowed.includes(to) && !allowed.includes(wildcard)) {
        broken.push(`${path}:${line} -> ${specifier} (${from} may not reach ${to})`);
      }
    }
  }
  return broken;
}

function partOf(path: string): string {
  return (path.split('/')[0] ?? '').replace(/\.ts$/, '');
}

function targetOf(path: string, specifier: string): string {
  if (specifier.startsWith('node:') || specifier === '<not a literal>') return specifier;
  return specifier.startsWith('.') ? partOf(join(dirname(path), specifier)) : 'npm';
}
