/** The settings of the gate, in git configuration only: a pusher's environment has no say. */
import { MAX_NEW_COMMITS } from '../../core/limits.ts';
import { CONFIG_SETTINGS } from '../config.ts';
import { badSetting, type Setting, type Settings } from '../settings.ts';
import { parsePath } from '../trust/choice.ts';

export const GATE_SETTINGS = {
  policyRef: { key: 'signet.policyRef', env: '', standard: '' },
  introduction: { key: 'signet.introduction', env: '', standard: '' },
  maxCommits: { key: 'signet.maxCommits', env: '', standard: String(MAX_NEW_COMMITS) },
  deadline: { key: 'signet.deadline', env: '', standard: '60' },
} as const satisfies Record<string, Setting>;

export interface GateSettings {
  /** Absolute path of a policy file outside the repository. */
  readonly policyFile: string | undefined;
  /** Full name of the ref that the policy is read from. */
  readonly policyRef: string | undefined;
  /** Full ids of commits. */
  readonly introductions: readonly string[];
  readonly maxCommits: number;
  readonly deadlineMs: number;
}

/** Parses them. Throws SignetError `config` that names the setting. */
export function parseGateSettings(settings: Settings): GateSettings {
  const { policyRef, introduction, maxCommits, deadline } = GATE_SETTINGS;
  const policyFile = parsePath(CONFIG_SETTINGS.policyFile, last(CONFIG_SETTINGS.policyFile, settings) ?? '');
  const ref = last(policyRef, settings);
  if (ref !== undefined) checkRefName(policyRef, ref);
  const introductions = values(introduction, settings);
  for (const oid of introductions) {
    if (!/^([0-9a-f]{40}|[0-9a-f]{64})$/.test(oid)) {
      throw badSetting(introduction, oid, 'is no full object id', 'Give all of its digits, in lower case.');
    }
  }
  return {
    policyFile,
    policyRef: ref,
    introductions,
    maxCommits: parseCount(maxCommits, settings),
    deadlineMs: parseCount(deadline, settings) * 1000,
  };
}

export function checkRefName(setting: Setting, ref: string): void {
  if (/^refs\/(heads|remotes)\/[^\s:?*[\\^~]+$/.test(ref) && !ref.includes('..')) return;
  throw badSetting(setting, ref, 'is no full name of a branch', 'Write it as in refs/heads/main');
}

/** An empty value clears those before it, as for other settings of several values. */
function values({ key }: Setting, { git }: Settings): readonly string[] {
  const all = (git.get(key.toLowerCase()) ?? []).map((value) => value ?? '');
  return all.slice(all.lastIndexOf('') + 1);
}

function last(setting: Setting, settings: Settings): string | undefined {
  return values(setting, settings).at(-1);
}

function parseCount(setting: Setting, settings: Settings): number {
  const text = last(setting, settings) ?? setting.standard;
  if (/^[1-9][0-9]{0,8}$/.test(text)) return Number(text);
  throw badSetting(setting, text, 'is no number from 1 on', `Leave it out for ${setting.standard}.`);
}
