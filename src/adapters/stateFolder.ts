import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';

/** Absolute path of this program's folder for state of one person (XDG Base Directory Specification), made or not. */
export function stateFolder(env: NodeJS.ProcessEnv): string {
  const state = env['XDG_STATE_HOME'] ?? '';
  return join(isAbsolute(state) ? state : join(homedir(), '.local', 'state'), 'git-signet');
}
