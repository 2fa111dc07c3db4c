/**
 * What `action.yml` runs: fetches the policy, judges the event and says so in GitHub's ways. No shell, no word of the
 * event in any command; of the repository only git objects are read, and nothing in it is run.
 */
import { randomBytes } from 'node:crypto';
import { appendFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { readCi } from '../adapters/gate/ciEnvironment.ts';
import { type CiMove, isRefName } from '../adapters/gate/ciValues.ts';
import { fetchForGate } from '../adapters/gate/fetchForGate.ts';
import { isZero } from '../app/gate/gate.ts';
import { LANDINGS, type Landing } from '../app/gate/judgeRequest.ts';
import { EXIT, type ExitCode, isSignetError, SignetError } from '../errors.ts';
import { writeSummary } from './commands/gate.ts';
import { type GateAnswer, judgeCall } from './gateCall.ts';
import { print } from './print.ts';
import { commandData, gateGithub, gateJson } from './renderGateFormats.ts';

/** Runs the action in the checkout of the job; returns its exit code. Never throws. */
export async function runGithubAction(env: NodeJS.ProcessEnv): Promise<ExitCode> {
  // Until the mark comes again, GitHub takes no line of ours or of a program that we start for a command.
  const mark = randomBytes(16).toString('hex');
  print([`::stop-commands::${mark}`]);
  try {
    const answer = await judgeEvent(env);
    print([`::${mark}::`, ...gateGithub(answer.result, answer.lines)]);
    writeSummary(env, answer);
    writeOutputs(env, answer);
    return answer.context.exitCode;
  } catch (error) {
    const { message, hint, exitCode } = toProblem(error);
    print([`::${mark}::`, `::error title=git-signet::${commandData(`${message} ${hint}`.trim())}`]);
    setOutputs(env, { verdict: 'unjudged', 'exit-code': exitCode });
    return exitCode;
  }
}

async function judgeEvent(outer: NodeJS.ProcessEnv): Promise<GateAnswer> {
  const { policyRef, as, introductions, token, path } = readInputs(outer);
  const env = withoutInputs(outer);
  const move = readCi(env);
  if (move === undefined) {
    throw new SignetError('usage', 'This is no GitHub Actions runner.', 'Run git-signet gate instead.');
  }
  process.chdir(path);
  fetchForGate(env, { refs: refsOf(move, policyRef), commits: commitsOf(move), token });
  const call = { ref: move.ref, base: move.base, head: move.head, introductions };
  const landing = move.kind === 'push' ? 'push' : as;
  return judgeCall(env, { ...call, as: landing, policyRef: toTracking(policyRef) });
}

interface Inputs {
  readonly policyRef: string;
  readonly as: Landing;
  readonly introductions: readonly string[];
  readonly token: string;
  /** Absolute path of the checkout. */
  readonly path: string;
}

/** Throws SignetError `usage` that names the input. */
function readInputs(env: NodeJS.ProcessEnv): Inputs {
  const read = (name: string): string => (env[`INPUT_${name.toUpperCase()}`] ?? '').trim();
  const refuse = (name: string, hint: string) =>
    new SignetError('usage', `The input ${name} cannot be ${JSON.stringify(read(name))}.`, hint);
  const policyRef = read('policy-ref');
  if (!isRefName(policyRef) || !policyRef.startsWith('refs/heads/')) {
    throw refuse('policy-ref', 'Write the full name of a branch: refs/heads/main.');
  }
  const as = LANDINGS.find((one) => one === read('as') && one !== 'push');
  if (as === undefined) throw refuse('as', 'Write merge, squash, rebase or ff: how pull requests land.');
  const introductions = read('introductions')
    .split(/\s+/)
    .filter((oid) => oid !== '');
  if (!introductions.every((oid) => /^([0-9a-f]{40}|[0-9a-f]{64})$/.test(oid))) {
    throw refuse('introductions', 'Give full ids of commits, in lower case.');
  }
  const workspace = resolve(env['GITHUB_WORKSPACE'] ?? '.');
  const path = resolve(workspace, read('path'));
  if (relative(workspace, path).startsWith('..')) throw refuse('path', 'Name a folder below the workspace.');
  return { policyRef, as, introductions, token: read('token'), path };
}

/** Programs that we start need none of them, least of all the token. */
function withoutInputs(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('INPUT_')));
}

/** A rule of tags may name any branch that the tagged commit has to be in. */
function refsOf({ ref, head }: CiMove, policyRef: string): readonly string[] {
  if (!ref.startsWith('refs/tags/')) return [policyRef];
  return ['refs/heads/*', ...(isZero(head) ? [] : [ref])];
}

function commitsOf({ base, head }: CiMove): readonly string[] {
  return [base, head].filter((oid) => !isZero(oid));
}

function toTracking(ref: string): string {
  return ref.replace('refs/heads/', 'refs/remotes/origin/');
}

function writeOutputs(env: NodeJS.ProcessEnv, { result, context }: GateAnswer): void {
  const report = join(
    env['RUNNER_TEMP'] ?? tmpdir(),
    `git-signet-gate-${randomBytes(8).toString('hex')}.json`,
  );
  const text = gateJson(result, context);
  writeFileSync(report, `${text}\n`);
  const { judged, refused } = JSON.parse(text);
  const verdicts: Partial<Record<ExitCode, string>> = { [EXIT.good]: 'accepted', [EXIT.no]: 'rejected' };
  const verdict = verdicts[context.exitCode] ?? 'unjudged';
  setOutputs(env, { verdict, 'exit-code': context.exitCode, judged, refused, report });
}

/** No value has a line end: they are ours, numbers, and a path that the runner gave. */
function setOutputs(env: NodeJS.ProcessEnv, outputs: Readonly<Record<string, string | number>>): void {
  const path = env['GITHUB_OUTPUT'] ?? '';
  if (path === '') return;
  appendFileSync(
    path,
    Object.entries(outputs)
      .map(([name, value]) => `${name}=${value}\n`)
      .join(''),
  );
}

function toProblem(error: unknown): { message: string; hint: string; exitCode: ExitCode } {
  if (isSignetError(error)) return error;
  const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return {
    message,
    hint: 'This is a bug in git-signet, or a broken machine: please report it.',
    exitCode: EXIT.bug,
  };
}
