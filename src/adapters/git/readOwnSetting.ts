/** A setting that starts a program: it counts only where it was made outside the repository that is being judged. */
import { callGit } from './callGit.ts';

/** `-c` and GIT_CONFIG_… are the caller's own. (git-config(1), --show-scope; since git 2.26.) */
const OWN_SCOPES: readonly string[] = ['system', 'global', 'command'];

export interface OwnSetting {
  /** Empty where nobody set it who may, or where it is switched off. */
  readonly value: string;
  /** The repository names one, which is passed over. */
  readonly ignored: boolean;
}

/**
 * The value of the narrowest scope that is not the repository's. A repository may come from anybody, as an archive or
 * on a shared drive: it can switch the setting off by an empty value, and nothing else.
 */
export function readOwnSetting(key: string, env: NodeJS.ProcessEnv): OwnSetting {
  const args = ['config', '-z', '--show-scope', '--get-all', key];
  const { status, stdout } = callGit(args, env, { timeout: 10_000 });
  const fields = status === 0 ? stdout.toString('utf8').split('\0') : [];
  const values = Array.from({ length: Math.floor(fields.length / 2) }, (_, i) => ({
    isOwn: OWN_SCOPES.includes(fields[2 * i] ?? ''),
    value: fields[2 * i + 1] ?? '',
  }));
  const isOff = values.at(-1)?.value === '';
  return {
    value: isOff ? '' : (values.findLast(({ isOwn }) => isOwn)?.value ?? ''),
    ignored: values.some(({ isOwn, value }) => !isOwn && value !== ''),
  };
}
