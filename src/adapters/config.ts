/** The settings that decide verdicts, parsed once. Where the services are is not among them: instance.ts. */
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import type { Policy } from '../core/policy.ts';
import { parseAllow } from './allow.ts';
import { badSetting, readBoolean, readText, type Settings } from './settings.ts';

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
  return {
    trustedRootPath: parsePath(readText('signet.trustedRoot', settings).value),
    policy: parseAllow((settings.git.get('signet.allow') ?? []).map((value) => value ?? '')),
    requirePolicy: readBoolean('signet.requirePolicy', settings),
    untrustedAs: parseUntrustedAs(readText('signet.untrustedAs', settings).value),
  };
}

/** git starts us inside the tree that is being judged: a relative path would be read from there. */
function parsePath(value: string): string | undefined {
  if (value === '') return undefined;
  if (value.startsWith('~/')) return join(homedir(), value.slice(2));
  if (isAbsolute(value)) return value;
  throw badSetting(
    'signet.trustedRoot',
    value,
    'is a relative path',
    'Give an absolute path, or one that starts with ~/',
  );
}

function parseUntrustedAs(value: string): 'errsig' | 'goodsig' {
  if (value === 'errsig' || value === 'goodsig') return value;
  throw badSetting(
    'signet.untrustedAs',
    value,
    'is neither errsig nor goodsig',
    'Leave it out unless you know why you need it.',
  );
}
