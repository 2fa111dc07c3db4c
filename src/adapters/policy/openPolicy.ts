/**
 * Which policy counts here. The first that there is, never several together: a file outside of the repository, what was
 * pinned in this clone, `signet.allow`. All but the choice is loaded only where there is a file.
 */
import { existsSync } from 'node:fs';
import type { Policy } from '../../core/policy.ts';
import type { Config } from '../config.ts';

export interface OpenedPolicy {
  readonly policy: Policy;
  /** A line for the person, beside the verdict. */
  readonly note?: string | undefined;
}

/** Throws SignetError `config` where the policy that counts cannot be read. */
export async function openPolicy({ policy, policyFile, local }: Config): Promise<OpenedPolicy> {
  if (policyFile !== '') return (await import('./outsidePolicy.ts')).open(policyFile);
  // `.git/config` and `.git/signet/policy.json`.
  const folder = local?.slice(0, -6) ?? '';
  if (local && existsSync(`${folder}signet/policy.json`))
    return (await import('./pinnedPolicy.ts')).open(folder);
  const isUnpinned = policy.kind === 'none' && existsSync('.signet.toml');
  return {
    policy,
    note: isUnpinned
      ? badNote('The policy here is trusted by nobody yet: git-signet policy trust')
      : undefined,
  };
}

/** By its name the build knows that this is said rarely, and leaves it out of the hot file. */
function badNote(text: string): string {
  return text;
}
