/** The settings that decide verdicts, parsed once. Where the services are is not among them: instance.ts. */
import type { Policy } from '../core/policy.ts';
import { parseAllow } from './allow.ts';
import { badSetting, readBoolean, readText, type Settings } from './settings.ts';
import { parseTrustChoice, TRUSTED_ROOT, type TrustChoice } from './trust/choice.ts';

export const CONFIG_SETTINGS = {
  trustedRoot: TRUSTED_ROOT,
  allow: { key: 'signet.allow', env: '', standard: '' },
  requirePolicy: { key: 'signet.requirePolicy', env: '', standard: 'false' },
  untrustedAs: { key: 'signet.untrustedAs', env: '', standard: 'errsig' },
  smimeProgram: { key: 'signet.smimeProgram', env: '', standard: '' },
} as const;

export interface Config {
  readonly trust: TrustChoice;
  readonly policy: Policy;
  /** Without a policy nothing is good. */
  readonly requirePolicy: boolean;
  readonly untrustedAs: 'errsig' | 'goodsig';
  /** Some scope names a program for other CMS signatures; whether that scope may is looked at when one is met. */
  readonly wantsSmime: boolean;
}

/** Parses them. Throws SignetError `config` that names the setting. */
export function parseConfig(settings: Settings): Config {
  const { requirePolicy, untrustedAs, smimeProgram } = CONFIG_SETTINGS;
  return {
    trust: parseTrustChoice(settings),
    policy: parseAllow(readAllow(settings)),
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
  const hint = 'Leave it out unless you know why you need it.';
  throw badSetting(CONFIG_SETTINGS.untrustedAs, value, 'is neither errsig nor goodsig', hint);
}
