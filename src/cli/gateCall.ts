/** One request or push judged in CI: which, by which policy, and the answer. */
import { readCi } from '../adapters/gate/ciEnvironment.ts';
import { checkRefName, GATE_SETTINGS } from '../adapters/gate/gateSettings.ts';
import { runGit } from '../adapters/git/runGit.ts';
import { finding, type Gate, isZero, type PolicyHere, type RefResult } from '../app/gate/gate.ts';
import { openFirstPush } from '../app/gate/judgePush.ts';
import { readPolicy } from '../app/gate/judgeRange.ts';
import { judgeRequest, type Landing, type LandingRequest } from '../app/gate/judgeRequest.ts';
import { SignetError } from '../errors.ts';
import type { RefOnDisk } from '../ports.ts';
import { openGating } from './gating.ts';
import { commitOf, onServer } from './policyPlace.ts';
import { gateExitCode, renderReport } from './renderGate.ts';
import type { GateContext } from './renderGateFormats.ts';

/** What was asked for; in a CI that is known, what is missing comes from there. */
export interface GateCall {
  readonly ref?: string | undefined;
  readonly base?: string | undefined;
  readonly head?: string | undefined;
  /** Of requests: a push in a CI is judged as one, whatever stands here. */
  readonly as?: Landing | undefined;
  readonly policyRef?: string | undefined;
  /** Besides those that are configured. */
  readonly introductions?: readonly string[];
}

export interface GateAnswer {
  readonly result: RefResult;
  readonly context: GateContext;
  /** For people. */
  readonly lines: readonly string[];
}

/** Throws SignetError where nothing can be judged. */
export async function judgeCall(env: NodeJS.ProcessEnv, call: GateCall): Promise<GateAnswer> {
  const { policyRef, introductions = [] } = call;
  const asked = toRequest(call, env);
  if (policyRef !== undefined) checkRefName(GATE_SETTINGS.policyRef, policyRef);
  const { gate, policy, close } = await openGating(env, { policyRef });
  try {
    if ('unborn' in policy) {
      throw new SignetError(
        'config',
        `There is no ${policy.unborn} to read the policy from.`,
        'Fetch it first.',
      );
    }
    const request = {
      ...asked,
      base: toOid(asked.base, asked.ref, env),
      head: toOid(asked.head, asked.ref, env),
    };
    const open = asServer(
      { ...gate, introductions: [...gate.introductions, ...introductions], policy },
      policy,
      env,
    );
    const { result, by } = isShallow(env) ? cut(request, open.policy) : await judge(request, open);
    const context = {
      exitCode: gateExitCode([result]),
      policyRef: policy.ref,
      policyCommit: by.commit,
      as: request.as,
    };
    return { result, context, lines: toLines(result, by.commit) };
  } finally {
    close();
  }
}

function toRequest(call: GateCall, env: NodeJS.ProcessEnv): LandingRequest {
  const isComplete = call.ref !== undefined && call.base !== undefined && call.head !== undefined;
  const ci = isComplete ? undefined : readCi(env);
  const { ref = ci?.ref, base = ci?.base, head = ci?.head } = call;
  const as = ci?.kind === 'push' ? 'push' : (call.as ?? (ci === undefined ? undefined : 'merge'));
  if (ref === undefined || base === undefined || head === undefined || as === undefined) {
    throw new SignetError(
      'usage',
      'This is no CI that says what is to be judged.',
      'Give --ref, --base, --head and --as.',
    );
  }
  if (!/^refs\/[^\s]+$/.test(ref)) {
    throw new SignetError(
      'usage',
      `${JSON.stringify(ref)} is no full name of a ref.`,
      'Write refs/heads/main.',
    );
  }
  if (!ref.startsWith('refs/heads/') && as !== 'push' && as !== 'ff') {
    throw new SignetError(
      'usage',
      `${ref} is no branch, so nothing is merged there.`,
      'Judge it with --as push.',
    );
  }
  return { ref, base, head, as };
}

/** Full ids go as they are: what is not here is a finding. A tag that a push makes is judged itself, not its commit. */
function toOid(rev: string, ref: string, env: NodeJS.ProcessEnv): string {
  if (rev.startsWith('-') || /[\s\0]/.test(rev)) {
    throw new SignetError('usage', `${JSON.stringify(rev)} is no commit.`, 'Name it by its full id.');
  }
  const parse = (name: string): string =>
    runGit(['for-each-ref', '--format=%(objectname) %(*objectname)', name], env).trim();
  if (/^([0-9a-f]{40}|[0-9a-f]{64})$/.test(rev)) {
    // A CI may say which commit was tagged, and not which tag.
    const [tag = '', commit] = ref.startsWith('refs/tags/') ? parse(ref).split(' ') : [];
    return commit === rev ? tag : rev;
  }
  return commitOf(rev, env);
}

/**
 * A clone has the server's refs by other names: refs/remotes/origin/main is what refs/heads/main was when it was fetched.
 * Branches of the clone itself say nothing, wherever the policy is kept.
 */
function asServer(gate: Gate, policy: PolicyHere, env: NodeJS.ProcessEnv): Gate {
  const remote = remoteOf(policy, env);
  if (remote === undefined) return gate;
  const { repository } = gate;
  const refs = async (): Promise<ReadonlyMap<string, RefOnDisk>> => {
    const there = [...(await repository.refs())].filter(([name]) => !name.startsWith('refs/heads/'));
    const named = there.filter(([name]) => name !== `refs/remotes/${remote}/HEAD`);
    return new Map(
      named.map(([name, { oid }]) => [
        name.startsWith(`refs/remotes/${remote}/`) ? onServer(name) : name,
        { oid },
      ]),
    );
  };
  const ref = policy.ref === undefined ? {} : { ref: onServer(policy.ref) };
  return { ...gate, repository: { ...repository, refs }, policy: { ...policy, ...ref } };
}

/** Undefined on the server itself. */
function remoteOf({ ref }: PolicyHere, env: NodeJS.ProcessEnv): string | undefined {
  if (ref !== undefined) return /^refs\/remotes\/([^/]+)\//.exec(ref)?.[1];
  return runGit(['rev-parse', '--is-bare-repository'], env).trim() === 'true' ? undefined : 'origin';
}

interface Judging {
  readonly result: RefResult;
  readonly by: PolicyHere;
}

async function judge(request: LandingRequest, gate: Gate): Promise<Judging> {
  const { ref, base, head, as } = request;
  const update = { ref, old: base, new: head };
  const { policy, repository } = gate;
  if (as !== 'push' || policy.ref !== ref || policy.commit === undefined) {
    return { result: await judgeRequest(request, gate), by: policy };
  }
  // What has been pushed is there by now, with the policy that it brings: the one before it counts.
  if (isZero(base)) {
    const first = await openFirstPush([update], ref, gate);
    if (!('file' in first)) return { result: first[0] ?? { update, findings: [] }, by: policy };
    const by = { ...first, ref };
    return { result: await judgeRequest(request, { ...gate, policy: by }), by };
  }
  if (!(await repository.types([base])).has(base)) {
    return { result: { update, findings: [finding('missing', { oid: base })] }, by: policy };
  }
  const file = await readPolicy(base, gate);
  if (typeof file === 'string') {
    throw new SignetError(
      'config',
      `The policy before this push, at ${base.slice(0, 10)}, cannot be used: ${file}`,
      'Judge by a policy that is kept outside of the repository (signet.policy).',
    );
  }
  const by = { file, commit: base, ref };
  return { result: await judgeRequest(request, { ...gate, policy: by }), by };
}

function isShallow(env: NodeJS.ProcessEnv): boolean {
  return runGit(['rev-parse', '--is-shallow-repository'], env).trim() !== 'false';
}

/** A shallow clone is refused whole: whether it has enough is luck. */
function cut({ ref, base, head }: LandingRequest, by: PolicyHere): Judging {
  const detail = 'this clone is shallow: fetch the whole history (fetch-depth: 0, or GIT_DEPTH: 0)';
  return {
    result: { update: { ref, old: base, new: head }, findings: [finding('incomplete', { detail })] },
    by,
  };
}

function toLines(result: RefResult, policyCommit: string | undefined): readonly string[] {
  const report = renderReport([result], { prefix: '', policyCommit });
  if (report.length > 0) return report;
  return [`git-signet: ${result.findings.length} judged, all accepted on ${result.update.ref}.`];
}
