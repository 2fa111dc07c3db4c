/** Everything that the gate needs, put together: for the hook and for CI. Asks no network. */
import { join } from 'node:path';
import { openFactStore } from '../adapters/factCache.ts';
import { type GateSettings, parseGateSettings } from '../adapters/gate/gateSettings.ts';
import { loadPolicy, parsePolicyBytes } from '../adapters/gate/loadPolicy.ts';
import { openGateReader } from '../adapters/git/gateReader.ts';
import { notesSource } from '../adapters/git/notesRead.ts';
import { runRawGit } from '../adapters/git/rawGit.ts';
import { openPolicyKeys } from '../adapters/policyKeys.ts';
import { readSettings, type Settings } from '../adapters/settings.ts';
import { parseTrustChoice } from '../adapters/trust/choice.ts';
import { openTrust } from '../adapters/trust/loadTrust.ts';
import type { Gate } from '../app/gate/gate.ts';
import { judgeObjects } from '../app/verifyObjects.ts';
import { judge as decide } from '../core/facts.ts';
import { NO_POLICY } from '../core/policy.ts';
import type { Trust } from '../core/trustedRoot.ts';
import type { ObjectFormat } from '../core/verdict.ts';
import type { FactCache, RawObject } from '../ports.ts';
import { openJudge } from './judging.ts';

export interface GatingOptions {
  /** Commit of refs/notes/signet that this push brings. */
  readonly notes?: string | undefined;
  /** Folder for remembered facts; undefined to remember none. */
  readonly cacheFolder?: string | undefined;
  /** In the place of the configured ref. */
  readonly policyRef?: string | undefined;
  /** How the repository names objects, where git has said so. */
  readonly objectFormat?: ObjectFormat | undefined;
}

export interface Gating {
  readonly settings: Settings;
  readonly gateSettings: GateSettings;
  readonly trust: Trust;
  /** Without the policy where its ref is yet to be pushed. */
  readonly gate: Omit<Gate, 'policy'>;
  readonly policy: Awaited<ReturnType<typeof loadPolicy>>;
  /** Removes what judging has left on disk. */
  close(): void;
}

/** Throws SignetError where the repository, the settings, the trusted root or the policy cannot be read. */
export async function openGating(env: NodeJS.ProcessEnv, options: GatingOptions): Promise<Gating> {
  const settings = readSettings(env);
  const configured = parseGateSettings(settings);
  const gateSettings =
    options.policyRef === undefined ? configured : { ...configured, policyRef: options.policyRef };
  const choice = parseTrustChoice(settings);
  const trust = await openTrust(choice, env);
  const repository = openGateReader(env, options.objectFormat);
  const [policy, ignoreCase] = await Promise.all([
    loadPolicy({ settings, gate: gateSettings, repository, trust }),
    readIgnoreCase(env),
  ]);
  const cacheEnv = { XDG_CACHE_HOME: options.cacheFolder ?? '' };
  const facts = options.cacheFolder === undefined ? undefined : openFactStore(cacheEnv, trust);
  const keys = openPolicyKeys({ repository, env, clock: () => new Date() });
  const gate: Gating['gate'] = {
    repository,
    parsePolicy: parsePolicyBytes,
    judge: (objects) => judgeAll(objects, { env, trust, facts, notes: options.notes }),
    judgeKey: keys.judge,
    introductions: gateSettings.introductions,
    maxCommits: gateSettings.maxCommits,
    ignoreCase,
  };
  return { settings, gateSettings, trust, gate, policy, close: keys.close };
}

interface JudgingNeeds {
  readonly env: NodeJS.ProcessEnv;
  readonly trust: Trust;
  readonly facts: FactCache | undefined;
  readonly notes: string | undefined;
}

/** Policy comes later: here nothing but what the signatures prove. */
async function* judgeAll(objects: AsyncIterable<RawObject>, { env, trust, facts, notes }: JudgingNeeds) {
  const evidence = notesSource(env, notes);
  try {
    yield* judgeObjects(objects, {
      judge: openJudge(trust),
      decide: (found) => decide(found, NO_POLICY),
      sources: [evidence],
      facts,
      signal: new AbortController().signal,
    });
  } finally {
    evidence.close();
  }
}

async function readIgnoreCase(env: NodeJS.ProcessEnv): Promise<boolean> {
  const { status, stdout } = await runRawGit(['config', '--type=bool', '--get', 'core.ignoreCase'], env);
  // Anything but a clear answer: the stricter reading.
  if (status === 1) return false;
  return status !== 0 || stdout.toString('latin1').trim() !== 'false';
}

/** Where a bare repository keeps what we remember. */
export function cacheFolderOf(gitDir: string): string {
  return join(gitDir, 'signet');
}
