import { accessSync, constants, realpathSync, statSync } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';

/**
 * Absolute path of a program of this bare name on PATH, or undefined. git starts us inside a working tree that
 * may belong to a stranger: see `safeSearchPath` for the folders that are passed over.
 */
export function findProgram(name: string, env: NodeJS.ProcessEnv): string | undefined {
  if (name === '' || /[/\\]/.test(name)) return undefined;
  for (const folder of searchPath(env)) {
    for (const extension of extensions(name, env)) {
      const path = join(folder, name + extension);
      if (isExecutableFile(path) && isElsewhere(folder)) return path;
    }
  }
  return undefined;
}

/**
 * The folders of PATH without empty and relative entries, and without the current folder even where PATH names
 * it absolutely. (Windows searches the current folder first unasked; here nothing is searched unasked.)
 */
export function safeSearchPath(env: NodeJS.ProcessEnv): readonly string[] {
  return searchPath(env).filter(isElsewhere);
}

function searchPath(env: NodeJS.ProcessEnv): readonly string[] {
  return (env[searchPathName(env)] ?? '').split(delimiter).filter(isAbsolute);
}

/** Not the current folder; by what it is, not by how it is spelled. */
function isElsewhere(folder: string): boolean {
  return realPath(folder) !== realPath('.');
}

/** Windows mostly spells it `Path`, and a copied environment has lost its case-blindness. */
export function searchPathName(env: NodeJS.ProcessEnv): string {
  if (process.platform !== 'win32') return 'PATH';
  return Object.keys(env).find((name) => name.toUpperCase() === 'PATH') ?? 'PATH';
}

/** Only what can be started without a shell: a .cmd or .bat needs one. */
function extensions(name: string, env: NodeJS.ProcessEnv): readonly string[] {
  if (process.platform !== 'win32') return [''];
  if (/\.(exe|com)$/i.test(name)) return [''];
  const known = (env['PATHEXT'] ?? '.COM;.EXE').split(';').map((e) => e.toLowerCase());
  return known.filter((extension) => extension === '.exe' || extension === '.com');
}

function isExecutableFile(path: string): boolean {
  try {
    if (statSync(path, { throwIfNoEntry: false })?.isFile() !== true) return false;
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Undefined where there is nothing. */
function realPath(path: string): string | undefined {
  try {
    return realpathSync.native(path);
  } catch {
    return undefined;
  }
}
