/** Files that belong together: all of them whole, or none. */
import { lstatSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { SignetError } from '../errors.ts';

export interface NewFile {
  readonly path: string;
  readonly content: string | Uint8Array;
}

/** Throws SignetError `usage` where one of them exists already, unless it may be replaced; never for a folder. */
export function checkPlaces(paths: readonly string[], force: boolean, option = '--output NAME'): void {
  for (const path of paths) {
    const found = lstatSync(path, { throwIfNoEntry: false });
    if (found === undefined || (force && !found.isDirectory())) continue;
    const hint = force ? `Name another file: ${option}` : `Name another: ${option}. To replace it: --force`;
    throw new SignetError('usage', `${path} exists already.`, hint);
  }
}

/**
 * Writes all under other names first; `option` names them on the command line. Throws SignetError `usage` for what
 * `checkPlaces` refuses and where it cannot write.
 */
export function writeTogether(files: readonly NewFile[], force: boolean, option = '--output NAME'): void {
  const paths = files.map(({ path }) => path);
  checkPlaces(paths, force, option);
  const temporary = (path: string): string => `${path}.${process.pid}.new`;
  const placed: string[] = [];
  try {
    for (const { path, content } of files) writeFileSync(temporary(path), content, { flag: 'wx' });
    for (const path of paths) {
      renameSync(temporary(path), path);
      placed.push(path);
    }
  } catch (error) {
    for (const path of [...paths.map(temporary), ...(force ? [] : placed)]) rmSync(path, { force: true });
    const code = (error as NodeJS.ErrnoException).code ?? 'an error';
    const message = `${paths.join(' and ')} could not be written (${code}).`;
    throw new SignetError('usage', message, `Name a place in a folder that you may write: ${option}`, error);
  }
}
