/** `git-signet policy explain` and `export`: what a policy says of one commit, and of its SSH keys to ssh-keygen. */
import { runGit } from '../../adapters/git/runGit.ts';
import { escapeForTerminal } from '../../adapters/terminal.ts';
import type { ObjectFacts } from '../../app/gate/commitFacts.ts';
import { ownChanges } from '../../app/gate/judgeRange.ts';
import { judgeAlone } from '../../app/gate/policyChange.ts';
import { someGlobIsTouched, someGlobMatches } from '../../core/policy/glob.ts';
import { type CommitDeed, judgeCommit, type Ruling } from '../../core/policy/mayDo.ts';
import { rulesFor } from '../../core/policy/refRules.ts';
import { whoIs } from '../../core/policy/whoIs.ts';
import { POLICY_FILE_NAME, type PolicyFile, type Rule, type SignerIdentity } from '../../core/policyFile.ts';
import { REASONS } from '../../core/reasons.ts';
import { EXIT, type ExitCode, SignetError } from '../../errors.ts';
import type { GateReader } from '../../ports.ts';
import { commitOf, countingPolicy, onServer, openPolicyGate, triedPolicy } from '../policyPlace.ts';
import { print, printText } from '../print.ts';
import { printLines } from '../printError.ts';

export interface ExplainArguments {
  readonly rev: string;
  readonly ref?: string | undefined;
  readonly policy?: string | undefined;
}

/** Each rule, and why it matched or not; then what follows on the ref's own line, and where a merge brings it in. */
export async function policyExplainCommand(
  env: NodeJS.ProcessEnv,
  args: ExplainArguments,
): Promise<ExitCode> {
  const counting = args.policy === undefined ? countingPolicy(env) : triedPolicy(args.policy);
  const { file: policy, source } = counting;
  const ref = onServer(args.ref ?? currentBranch(env));
  const oid = commitOf(args.rev, env);
  const gate = { ...(await openPolicyGate(env)), policy: counting };
  const isPolicyRef = ref === counting.ref;
  const { finding: mainline, facts } = await judgeAlone(oid, ref, gate, isPolicyRef);
  const deed = await toDeed(facts, gate.repository);
  const rules = rulesFor(policy, [ref]);
  const own = await ownChanges([facts], gate.repository);
  const merged = judgeCommit({ ...deed, changedPaths: own.get(oid) ?? [] }, rules, policy);
  const names = namesOf(deed, policy);
  const lines = [
    `Commit   ${oid}`,
    `Policy   ${source}`,
    `Signer   ${names.length > 0 ? names.join(', ') : 'nobody of the policy'}`,
    `Ref      ${ref}`,
    ...policy.rules.map((rule) => explainRule(rule, { ref, deed, names })),
    ...(rules.whole.length === 0 ? [`Default  no rule names the ref, so "${policy.default}" holds`] : []),
    `On its own line            ${explainRuling(mainline)}`,
    `Brought in by a merge      ${explainRuling(merged)}`,
    ...explainChange(deed, policy, { names, isPolicyRef, policyRef: counting.ref }),
  ];
  printText(lines.map(escapeForTerminal));
  return REASONS[mainline.reason].exitCode;
}

/** Signers with SSH keys, as ssh-keygen and git's gpg.ssh.allowedSignersFile read them (ssh-keygen(1), ALLOWED SIGNERS). */
export async function policyExportCommand(env: NodeJS.ProcessEnv): Promise<ExitCode> {
  const { file: policy } = countingPolicy(env);
  // What a forge may is more than a list of keys can say.
  const lines = policy.signers
    .filter(({ forge }) => !forge)
    .flatMap(({ name, identities }) => identities.flatMap((one) => allowedSigner(name, one, policy)));
  print(lines);
  if (lines.length === 0) printLines(['No SSH key is in the policy: to git nobody is allowed by this list.']);
  return EXIT.good;
}

/** One line, or none. What a revoked signer signed later counts no more, as after the key's own end. */
function allowedSigner(name: string, one: SignerIdentity, { revocations }: PolicyFile): readonly string[] {
  if (one.type !== 'ssh') return [];
  const compact = (instant: string): string => instant.replaceAll(/[-:T]/g, '');
  const ends = revocations.filter(({ signer }) => signer === name).map(({ after }) => after);
  const [end] = [...ends, ...(one.validUntil === undefined ? [] : [one.validUntil])].toSorted();
  const options = [
    'namespaces="git"',
    ...(one.validFrom === undefined ? [] : [`valid-after="${compact(one.validFrom)}"`]),
    ...(end === undefined ? [] : [`valid-before="${compact(end)}"`]),
  ];
  return [`${[name, ...one.committers].join(',')} ${options.join(',')} ${one.key}`];
}

/** As a merge brings it in. */
async function toDeed({ oid, signed, commit }: ObjectFacts, repository: GateReader): Promise<CommitDeed> {
  if (commit === undefined)
    throw new SignetError('usage', `${oid} is no commit that can be read.`, 'Name a commit.');
  const [first, second, ...more] = commit.parents;
  const changedPaths = (await repository.ownChanges([{ oid, ...commit }])).get(oid) ?? [];
  const isMerge = first !== undefined && second !== undefined && more.length === 0;
  const trees = isMerge ? await repository.mergedTrees([[first, second]]) : [];
  return {
    oid,
    signed,
    mainline: false,
    author: commit.author,
    committer: commit.committer,
    changedPaths,
    policyChange: 'none',
    cleanMerge: isMerge && trees[0] === commit.tree,
    byRename: changedPaths,
  };
}

function namesOf({ signed }: CommitDeed, policy: PolicyFile): readonly string[] {
  if ('reason' in signed) return [];
  const standing = whoIs(signed.facts, policy);
  return 'known' in standing ? [...new Set(standing.known.map(({ name }) => name))] : [];
}

interface Explained {
  readonly ref: string;
  readonly deed: CommitDeed;
  readonly names: readonly string[];
}

function explainRule({ line, refs, paths, signers, merged }: Rule, { ref, deed, names }: Explained): string {
  const head = `Rule     line ${line}: `;
  if (!someGlobMatches(refs, ref)) return `${head}not about this ref (${refs.join(', ')})`;
  if (paths.length > 0 && !deed.changedPaths.some((path) => someGlobIsTouched(paths, path)))
    return `${head}no path of the commit is among ${paths.join(', ')}`;
  const among = (list: readonly string[] | '*'): string =>
    list === '*' || names.some((name) => list.includes(name)) ? 'yes' : 'no';
  return `${head}holds; among signers: ${among(signers)}, among merged: ${among(merged)}`;
}

function explainRuling({ reason, rule }: Ruling): string {
  const by = rule === undefined ? '' : ` (rule in line ${rule.line})`;
  return `${reason}: ${REASONS[reason].text}${by}`;
}

function explainChange(
  { changedPaths }: CommitDeed,
  { editors }: PolicyFile,
  { names, isPolicyRef, policyRef }: Changing,
): readonly string[] {
  if (!changedPaths.includes(POLICY_FILE_NAME)) return [];
  const who = names.some((name) => editors.includes(name)) ? 'an editor' : 'no editor';
  const where =
    isPolicyRef || policyRef === undefined
      ? ''
      : ` The policy is read from ${policyRef}: there it takes an editor.`;
  return [`It changes the policy, and is by ${who}.${where}`];
}

interface Changing {
  readonly names: readonly string[];
  readonly isPolicyRef: boolean;
  /** Undefined where the policy is kept outside the repository. */
  readonly policyRef: string | undefined;
}

function currentBranch(env: NodeJS.ProcessEnv): string {
  try {
    return runGit(['symbolic-ref', 'HEAD'], env).trim();
  } catch (error) {
    const hint = 'Add --ref with a full name, as in --ref refs/heads/main';
    throw new SignetError('usage', 'No branch is checked out.', hint, error);
  }
}
