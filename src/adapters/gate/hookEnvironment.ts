/** The environment of a hook: a pusher can have had a hand in it, so what we were not told to keep goes. */
import { devNull, userInfo } from 'node:os';
import { SignetError } from '../../errors.ts';

/** Where git keeps the objects of the push, exactly as it says; and what programs need to start at all. */
const KEPT: readonly string[] = [
  'PATH',
  'Path',
  'PATHEXT',
  'SystemRoot',
  'SYSTEMROOT',
  'TMPDIR',
  'TEMP',
  'GIT_DIR',
  'GIT_OBJECT_DIRECTORY',
  'GIT_ALTERNATE_OBJECT_DIRECTORIES',
  'GIT_QUARANTINE_PATH',
  'GIT_SHALLOW_FILE',
];

/**
 * What git and the settings see in a hook: no setting of the caller's, no configuration but the repository's and the
 * system's, the home that this account has. Throws SignetError `config` under a namespace: refs have other names there.
 */
export function hookEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  if ((env['GIT_NAMESPACE'] ?? '') !== '') {
    throw new SignetError(
      'config',
      'The push is into a namespace of the repository (GIT_NAMESPACE).',
      'Its refs have other names than the policy knows: serve each repository by itself.',
    );
  }
  const kept = KEPT.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]] as const]));
  return { ...Object.fromEntries(kept), HOME: userInfo().homedir, GIT_CONFIG_GLOBAL: devNull, LC_ALL: 'C' };
}
