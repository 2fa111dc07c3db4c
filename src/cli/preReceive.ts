/** `git-signet hook pre-receive`: what the hook file calls. Ends in success at one place only. */
import { resolve } from 'node:path';
import { hookEnvironment } from '../adapters/gate/hookEnvironment.ts';
import { blobReader } from '../adapters/git/blobReader.ts';
import { readStandardInput } from '../adapters/readBytes.ts';
import { writeAll } from '../adapters/writeBytes.ts';
import type { Gate, PolicyHere, RefResult, RefUpdate } from '../app/gate/gate.ts';
import { judgePushedRefs, openFirstPush } from '../app/gate/judgePush.ts';
import { openPushCertificate } from '../app/gate/pushCertificate.ts';
import { MAX_PUSHED_REFS } from '../core/limits.ts';
import type { Signed } from '../core/policy/mayDo.ts';
import type { Trust } from '../core/trustedRoot.ts';
import { EXIT, type ExitCode, SignetError } from '../errors.ts';
import { cacheFolderOf, type Gating, openGating } from './gating.ts';
import { printLines } from './printError.ts';
import { gateExitCode, renderReport } from './renderGate.ts';

/** Judges one push, whose lines come on standard input. Throws SignetError; every other code than 0 refuses the push. */
export async function preReceive(outer: NodeJS.ProcessEnv): Promise<ExitCode> {
  const isHasty = outer['GITHUB_VIA'] !== undefined || outer['GITHUB_REPO_NAME'] !== undefined;
  const early = setDeadline(isHasty ? HASTY_MS : FIRST_DEADLINE_MS);
  const updates = parseUpdates(readStandardInput(MAX_INPUT_BYTES));
  const env = hookEnvironment(outer);
  const gitDir = resolve(env['GIT_DIR'] ?? '.');
  const notes = updates.find(({ ref }) => ref === 'refs/notes/signet')?.new;
  const gating = await openGating(env, {
    notes: notes === undefined || /^0+$/.test(notes) ? undefined : notes,
    cacheFolder: cacheFolderOf(gitDir),
    objectFormat: updates[0]?.old.length === 64 ? 'sha256' : 'sha1',
  });
  if (!isHasty) clearTimeout(early);
  const deadline = setDeadline(gating.gateSettings.deadlineMs);
  const { results, commit } = await judgeOnce(updates, outer, env, gating).finally(() => gating.close());
  for (const timer of [early, deadline]) clearTimeout(timer);
  const prefix = (outer['GL_ID'] ?? '') === '' ? '' : 'GL-HOOK-ERR: ';
  const lines = renderReport(results, { prefix, policyCommit: commit });
  const exitCode = gateExitCode(results);
  if (lines.length > 0) tell(lines);
  return exitCode;
}

async function judgeOnce(
  updates: readonly RefUpdate[],
  outer: NodeJS.ProcessEnv,
  env: NodeJS.ProcessEnv,
  gating: Gating,
): Promise<JudgedPush> {
  const pushCertificate = await readCertificate(outer, updates, env, gating.trust);
  const gate = { ...gating.gate, ...(pushCertificate !== undefined && { pushCertificate }) };
  return judge(updates, gate, gating.policy);
}

/** Undefined where the push is not signed. */
async function readCertificate(
  outer: NodeJS.ProcessEnv,
  updates: readonly RefUpdate[],
  env: NodeJS.ProcessEnv,
  trust: Trust,
): Promise<Signed | undefined> {
  const blob = outer['GIT_PUSH_CERT'] ?? '';
  if (blob === '') return undefined;
  if (!/^([0-9a-f]{40}|[0-9a-f]{64})$/.test(blob)) return { reason: 'push-cert-invalid' };
  const blobs = blobReader(env);
  try {
    const nonce = outer['GIT_PUSH_CERT_NONCE'] ?? '';
    const nonceStatus = outer['GIT_PUSH_CERT_NONCE_STATUS'] ?? '';
    const claims = { blob, nonce, nonceStatus, now: new Date() };
    return openPushCertificate(await blobs.read(blob), claims, updates, trust);
  } finally {
    blobs.close();
  }
}

interface JudgedPush {
  readonly results: readonly RefResult[];
  readonly commit?: string | undefined;
}

async function judge(
  updates: readonly RefUpdate[],
  gate: Omit<Gate, 'policy'>,
  policy: Gating['policy'],
): Promise<JudgedPush> {
  if (!('unborn' in policy)) {
    const results = await judgePushedRefs(updates, { ...gate, policy });
    await refuseOldPolicy(policy, gate);
    return { results, commit: policy.commit };
  }
  const first = await openFirstPush(updates, policy.unborn, gate);
  if (!('file' in first)) return { results: first };
  const opened = { ...gate, policy: { ...first, ref: policy.unborn } };
  return { results: await judgePushedRefs(updates, opened), commit: first.commit };
}

/** Whoever is thrown out meanwhile must not come in by a push that takes its time. git moves this push's refs after us. */
async function refuseOldPolicy(
  { ref, commit }: Pick<PolicyHere, 'ref' | 'commit'>,
  { repository }: Pick<Gate, 'repository'>,
): Promise<void> {
  if (ref === undefined || commit === undefined || (await repository.types([ref])).has(commit)) return;
  throw new SignetError('malformed', `${ref} moved while the push was judged by it.`, 'Push again.');
}

/** Ten thousand refs with names of 400 characters. */
const MAX_INPUT_BYTES = 8 << 20;

/** Reading settings, trust and policy. */
const FIRST_DEADLINE_MS = 60_000;

/** GitHub's own server ends all hooks together five seconds after they began. */
const HASTY_MS = 4_000;

/** Keeps nothing waiting: git's children do, as long as there is something to judge. */
function setDeadline(ms: number): NodeJS.Timeout {
  return setTimeout(() => {
    printLines([
      `The push could not be judged within ${ms / 1000} seconds, so it is refused.`,
      'Push in several steps, or set signet.deadline (seconds) on the server.',
    ]);
    process.exit(EXIT.unjudged);
  }, ms).unref();
}

/** `old SP new SP ref LF` for each ref (githooks(5)). Throws SignetError `malformed` for anything else, and for none. */
export function parseUpdates(input: Uint8Array): readonly RefUpdate[] {
  const text = decode(input);
  if (text === '' || !text.endsWith('\n')) throw malformed('it has no line, or the last one has no end');
  const updates = text
    .slice(0, -1)
    .split('\n')
    .map((line): RefUpdate => {
      const [, old, next, ref] =
        /^([0-9a-f]{40}|[0-9a-f]{64}) ([0-9a-f]{40}|[0-9a-f]{64}) (refs\/[^\s\0]+)$/.exec(line) ?? [];
      if (old === undefined || next === undefined || ref === undefined || old.length !== next.length) {
        throw malformed('a line is not two object ids and a ref');
      }
      return { old, new: next, ref };
    });
  if (updates.length > MAX_PUSHED_REFS) throw malformed('it moves too many refs');
  if (new Set(updates.map(({ ref }) => ref)).size < updates.length) throw malformed('it moves a ref twice');
  return updates;
}

function decode(input: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(input);
  } catch {
    throw malformed('it is not UTF-8');
  }
}

function malformed(why: string): SignetError {
  return new SignetError('malformed', `What git says about the push cannot be read: ${why}.`, 'Push again.');
}

function tell(lines: readonly string[]): void {
  try {
    writeAll(2, `${lines.join('\n')}\n`);
  } catch {
    // The pusher has gone; the exit code says it.
  }
}
