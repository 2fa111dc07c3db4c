/** The settings that decide verdicts, parsed once. Where the services are is not among them: instance.ts. */
import { isAbsolute, join } from 'node:path';
import type { Policy } from '../core/policy.ts';
import { parseAllow } from './allow.ts';
import { badSetting, readBoolean, readText, type Settings } from './settings.ts';

export const CONFIG_SETTINGS = {
  trustedRoot: { key: 'signet.trustedRoot', env: 'SIGNET_TRUSTED_ROOT', standard: '' },
  allow: { key: 'signet.allow', env: '', standard: '' },
  requirePolicy: { key: 'signet.requirePolicy', env: '', standard: 'false' },
  untrustedAs: { key: 'signet.untrustedAs', env: '', standard: 'errsig' },
} as const;

export interface Config {
  /** Absolute path; undefined for the shipped public-good root. */
  readonly trustedRootPath: string | undefined;
  readonly policy: Policy;
  /** Without a policy nothing is good. */
  readonly requirePolicy: boolean;
  readonly untrustedAs: 'errsig' | 'goodsig';
}

/** Parses them. Throws SignetError `config` that names the setting. */
export function parseConfig(settings: Settings): Config {
  const { trustedRoot, requirePolicy, untrustedAs } = CONFIG_SETTINGS;
  return {
    trustedRootPath: parsePath(readText(trustedRoot, settings).value),
    policy: parseAllow(readAllow(settings)),
    requirePolicy: readBoolean(requirePolicy, settings),
    untrustedAs: parseUntrustedAs(readText(untrustedAs, settings).value),
  };
}

/** All values of `signet.allow`, widest scope first. */
export function readAllow({ git }: Settings): readonly string[] {
  return (git.get(CONFIG_SETTINGS.allow.key) ?? []).map((value) => value ?? '');
}

/** git starts us inside the tree that is being judged: a relative path would be read from there. */
function parsePath(value: string): string | undefined {
  if (value === '') return undefined;
  const home = value.startsWith('~/') ? process.getBuiltinModule('node:os').homedir() : '';
  const path = home === '' ? value : join(home, value.slice(2));
  if (isAbsolute(path)) return path;
  const hint = 'Give an absolute path, or one that starts with ~/';
  throw badSetting(CONFIG_SETTINGS.trustedRoot, value, 'is a relative path', hint);
}

function parseUntrustedAs(value: string): 'errsig' | 'goodsig' {
  if (value === 'errsig' || value === 'goodsig') return value;
  const hint = 'Leave it out unless you know why you need it.';
  throw badSetting(CONFIG_SETTINGS.untrustedAs, value, 'is neither errsig nor goodsig', hint);
}
