import { accessSync, constants, realpathSync, statSync } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';

/**
 * Absolute path of a program of this bare name on PATH, or undefined. git starts us inside a working tree that
 * may belong to a stranger, so empty and relative PATH entries are passed over, and so is the current folder
 * even where PATH names it absolutely (Windows searches it first unasked; here nothing is searched unasked).
 */
export function findProgram(name: string, env: NodeJS.ProcessEnv): string | undefined {
  if (name === '' || /[/\\]/.test(name)) return undefined;
  for (const folder of searchPath(env)) {
    if (!isAbsolute(folder)) continue;
    for (const extension of extensions(name, env)) {
      const path = join(folder, name + extension);
      if (isExecutableFile(path) && !isCurrentFolder(folder)) return path;
    }
  }
  return undefined;
}

/** On Windows the variable is often spelled `Path`, and a copied environment has lost its case-blindness. */
function searchPath(env: NodeJS.ProcessEnv): readonly string[] {
  const path =
    process.platform === 'win32'
      ? Object.entries(env).find(([n]) => n.toUpperCase() === 'PATH')?.[1]
      : env['PATH'];
  return (path ?? '').split(delimiter);
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
    if (!statSync(path).isFile()) return false;
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** By what it is, not by how it is spelled; asked only of a folder that holds the program, to stay quick. */
function isCurrentFolder(folder: string): boolean {
  try {
    return realpathSync.native(folder) === realpathSync.native('.');
  } catch {
    return false;
  }
}
