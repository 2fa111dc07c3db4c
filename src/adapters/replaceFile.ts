/** One file, whole: what was there stays as it is where the new one cannot be written. */
import { chmodSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { SignetError } from '../errors.ts';

/** Writes it under another name beside it first. Throws SignetError `config` where it cannot. */
export function replaceFile(path: string, content: string, mode = 0o644): void {
  const temporary = `${path}.${process.pid}.new`;
  try {
    writeFileSync(temporary, content, { mode, flag: 'wx' });
    // The mode is masked when a file is made.
    if (mode !== 0o644) chmodSync(temporary, mode);
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw unwritten(path, error);
  }
}

/** The same where nothing may be there yet. Throws the system's `EEXIST` too. */
export function writeNewFile(path: string, content: string): void {
  try {
    writeFileSync(path, content, { flag: 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') throw error;
    rmSync(path, { force: true });
    throw unwritten(path, error);
  }
}

function unwritten(path: string, error: unknown): SignetError {
  const { code = 'an error' } = error as NodeJS.ErrnoException;
  return new SignetError(
    'config',
    `${path} could not be written (${code}).`,
    'Nothing was changed. See whether the disk is full, and who may write there.',
    error,
  );
}
