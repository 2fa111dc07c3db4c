/** The settings that decide verdicts, parsed once. Where the services are is not among them: instance.ts. */
import type { Policy } from '../core/policy.ts';
import { parseAllow } from './allow.ts';
import { badSetting, readBoolean, readText, type Settings } from './settings.ts';
import { parseTrustChoice, TRUSTED_ROOT, type TrustChoice } from './trust/choice.ts';

export const CONFIG_SETTINGS = {
  trustedRoot: TRUSTED_ROOT,
  allow: { key: 'signet.allow', env: '', standard: '' },
  policyFile: { key: 'signet.policy', env: '', standard: '' },
  requirePolicy: { key: 'signet.requirePolicy', env: '', standard: 'false' },
  untrustedAs: { key: 'signet.untrustedAs', env: '', standard: 'errsig' },
  smimeProgram: { key: 'signet.smimeProgram', env: '', standard: '' },
} as const;

export interface Config {
  readonly trust: TrustChoice;
  /** What signet.allow says; a policy file comes before it: policy/openPolicy.ts. */
  readonly policy: Policy;
  /** Path of a policy file outside of the repository, as it was set; empty for none. */
  readonly policyFile: string;
  /** File of the repository's own settings, as git names it. */
  readonly local: string | undefined;
  /** Without a policy nothing is good. */
  readonly requirePolicy: boolean;
  readonly untrustedAs: 'errsig' | 'goodsig';
  /** Some scope names a program for other CMS signatures; whether that scope may is looked at when one is met. */
  readonly wantsSmime: boolean;
}

/** Parses them. Throws SignetError `config` that names the setting. */
export function parseConfig(settings: Settings): Config {
  const { policyFile, requirePolicy, untrustedAs, smimeProgram } = CONFIG_SETTINGS;
  return {
    trust: parseTrustChoice(settings),
    policy: parseAllow(readAllow(settings)),
    policyFile: readText(policyFile, settings).value,
    local: settings.local,
    requirePolicy: readBoolean(requirePolicy, settings),
    untrustedAs: parseUntrustedAs(readText(untrustedAs, settings).value),
    wantsSmime: readText(smimeProgram, settings).value !== '',
  };
}

/** All values of `signet.allow`, widest scope first. */
export function readAllow({ git }: Settings): readonly string[] {
  return (git.get(CONFIG_SETTINGS.allow.key) ?? []).map((value) => value ?? '');
}

function parseUntrustedAs(value: string): 'errsig' | 'goodsig' {
  if (value === 'errsig' || value === 'goodsig') return value;
  const setting = CONFIG_SETTINGS.untrustedAs;
  throw badSetting(
    setting,
    value,
    'is neither errsig nor goodsig',
    'Leave it out unless you know why you need it.',
  );
}
