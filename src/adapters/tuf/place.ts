/** Where on this machine trust material from TUF repositories is kept. */
import { isAbsolute, join } from 'node:path';

/** `mirrorFolder` of the public mirror, which git's verify call need not work out each time. */
const PUBLIC_NAME = 'tuf-repo-cdn.sigstore.dev-527c9e84bdb4';

/**
 * The folder that holds one folder for each mirror, made or not: `git-signet/tuf` in TUF_ROOT, else in the person's
 * folder for data. Undefined where the environment names none.
 */
export function tufFolder({
  TUF_ROOT,
  XDG_DATA_HOME,
  LOCALAPPDATA,
  HOME,
}: NodeJS.ProcessEnv): string | undefined {
  const below = process.platform === 'darwin' ? 'Library/Application Support' : '.local/share';
  const standard = process.platform === 'win32' ? LOCALAPPDATA : HOME && join(HOME, below);
  // XDG Base Directory Specification: relative values are to be ignored.
  const base = [TUF_ROOT, XDG_DATA_HOME, standard].find((folder) => folder && isAbsolute(folder));
  return base && join(base, 'git-signet', 'tuf');
}

/** Exists once something was fetched from the public mirror. */
export function publicStateFile(env: NodeJS.ProcessEnv): string {
  return join(tufFolder(env) ?? '', PUBLIC_NAME, 'state.json');
}
