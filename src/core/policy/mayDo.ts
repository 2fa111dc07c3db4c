/**
 * Whether a signer may do what was done, by the rules of a ref. Pure: what it takes to know of the repository (the
 * first-parent line, changed paths, clean merges) is given.
 */
import type { PolicyFile, Rule } from '../policyFile.ts';
import type { Reason } from '../reasons.ts';
import { someGlobIsTouched } from './glob.ts';
import type { RefRules } from './refRules.ts';
import type { SignatureFacts } from './signature.ts';
import { type Known, whoIs } from './whoIs.ts';

/** The signature on an object: facts, or why there are none (unsigned, a failed check, unproven, …). */
export type Signed = { readonly facts: SignatureFacts } | { readonly reason: Reason };

export interface CommitDeed {
  readonly oid: string;
  readonly signed: Signed;
  /** On the first-parent line of the update; else a merge brought it in. */
  readonly mainline: boolean;
  /** Addresses in its header lines; nothing proves them. */
  readonly author: string | undefined;
  readonly committer: string | undefined;
  /** Paths that differ from the first parent; asked for only where a rule has `paths`. */
  readonly changedPaths: readonly string[];
  /**
   * Whether it changes the policy file, on the first-parent line of the ref that the policy is read from:
   * `by-editors` is a clean merge in which each commit of the side that changes it is by an editor.
   */
  readonly policyChange: 'none' | 'own' | 'by-editors';
  /** Two parents, and exactly the tree that `git merge-tree` makes of them. */
  readonly cleanMerge: boolean;
  /** Of a clean merge, what it brought to paths that no commit has changed so: git follows renamed files. */
  readonly byRename?: readonly string[];
}

/** What is decided about one object, with who it is by and which rule says so. */
export interface Ruling {
  readonly reason: Reason;
  /** Name in the policy; undefined where it is nobody of it. */
  readonly signer?: string;
  /** The rule that refused; undefined for the default, or where no rule is needed to refuse. */
  readonly rule?: Rule;
  /** The committer's line is not the signer's, and the policy only warns. */
  readonly committerDiffers?: true;
}

/** `check(c, mainline, p)` of the decision procedure: by all rules of the ref. */
export function judgeCommit(deed: CommitDeed, rules: RefRules, policy: PolicyFile): Ruling {
  if (policy.exempt.some(({ commits }) => commits.includes(deed.oid))) return { reason: 'exempt' };
  if (rules.whole.length === 0 && rules.default === 'deny') return { reason: 'ref-denied' };
  const applying = applyingRules(deed, rules);
  const isOpen = rules.whole.length === 0 && rules.default === 'open' && applying.length === 0;
  if (isOpen && deed.policyChange === 'none') return { reason: 'open' };
  if (!deed.mainline && isVouchedFor(applying, rules)) return { reason: 'vouched-for' };
  if ('reason' in deed.signed) return deed.signed;
  const { facts } = deed.signed;
  const standing = whoIs(facts, policy);
  if ('reason' in standing) return standing;
  const rulings = standing.known.map((who) => rule(who, deed, { applying, rules, policy }));
  // Of several names that an identity stands under, one that may is enough.
  const best = rulings.find(({ reason }) => reason === 'allowed') ?? rulings[0];
  if (best === undefined || best.reason !== 'allowed') return best ?? { reason: 'identity-not-listed' };
  return withCommitter(best, deed.committer, { facts, policy, known: standing.known });
}

export interface TagDeed {
  readonly signed: Signed;
  /** The tag names itself so. */
  readonly tagger: string | undefined;
}

/** Whether the signer of a tag object may tag under these rules; its name, target and kind are looked at elsewhere. */
export function judgeTag(deed: TagDeed, rules: RefRules, policy: PolicyFile): Ruling {
  if (rules.whole.length === 0 && rules.default === 'deny') return { reason: 'ref-denied' };
  const isSignedWanted = rules.whole.length === 0 ? false : rules.whole.some(({ tags }) => tags === 'signed');
  if (!isSignedWanted && (rules.whole.length > 0 || rules.default === 'open')) return { reason: 'open' };
  if ('reason' in deed.signed) {
    const isUnsigned = deed.signed.reason === 'unsigned';
    return isUnsigned && !isSignedWanted ? { reason: 'open' } : deed.signed;
  }
  const { facts } = deed.signed;
  const standing = whoIs(facts, policy);
  if ('reason' in standing) return standing;
  const rulings = standing.known.map((who): Ruling => {
    if (who.forge) return { reason: 'forge-not-allowed', signer: who.name };
    const refusing = rules.whole.find(
      ({ tags, signers }) => tags === 'signed' && !signers.includes(who.name),
    );
    if (refusing !== undefined) return { reason: 'role-not-allowed', signer: who.name, rule: refusing };
    return { reason: 'allowed', signer: who.name };
  });
  const best = rulings.find(({ reason }) => reason === 'allowed') ?? rulings[0];
  if (best === undefined || best.reason !== 'allowed') return best ?? { reason: 'identity-not-listed' };
  return withCommitter(best, deed.tagger, { facts, policy, known: standing.known });
}

/** Whether the signer of a push may push to a ref with these rules: one who may sign on its first-parent line. */
export function judgePush(signed: Signed, rules: RefRules, policy: PolicyFile): Ruling {
  if ('reason' in signed) return signed;
  const standing = whoIs(signed.facts, policy);
  if ('reason' in standing) return standing;
  const rulings = standing.known.map((who): Ruling => {
    if (who.forge) return { reason: 'forge-not-allowed', signer: who.name };
    const refusing = rules.whole.find(({ signers }) => !signers.includes(who.name));
    if (refusing !== undefined) return { reason: 'role-not-allowed', signer: who.name, rule: refusing };
    return { reason: 'allowed', signer: who.name };
  });
  return (
    rulings.find(({ reason }) => reason === 'allowed') ?? rulings[0] ?? { reason: 'identity-not-listed' }
  );
}

/** Whether a signature is by an editor: what a change of the policy takes. */
export function isByEditor(signed: Signed, policy: PolicyFile): boolean {
  if ('reason' in signed) return false;
  const standing = whoIs(signed.facts, policy);
  return (
    'known' in standing && standing.known.some(({ name, forge }) => !forge && policy.editors.includes(name))
  );
}

/** The rules about this commit: those of the ref, and those whose paths it changes. */
function applyingRules({ changedPaths }: CommitDeed, { whole, paths }: RefRules): readonly Rule[] {
  const touched = paths.filter((one) => changedPaths.some((path) => someGlobIsTouched(one.paths, path)));
  return [...whole, ...touched];
}

/** Anybody's commits may be merged, also unsigned ones, where every rule that is asked says so. */
function isVouchedFor(applying: readonly Rule[], { whole }: RefRules): boolean {
  return whole.length > 0 && applying.every(({ merged }) => merged === '*');
}

interface Rules {
  readonly applying: readonly Rule[];
  readonly rules: RefRules;
  readonly policy: PolicyFile;
}

function rule(who: Known, deed: CommitDeed, { applying, rules, policy }: Rules): Ruling {
  const { name: signer } = who;
  if (deed.policyChange !== 'none' && !policy.editors.includes(signer)) {
    const isForges = who.forge && deed.policyChange === 'by-editors';
    if (!isForges) return { reason: 'policy-change-denied', signer };
  }
  if (who.forge) {
    const moving = movingRule(deed, applying);
    if (moving !== undefined) return { reason: 'path-not-allowed', signer, rule: moving };
    const refusing = refusingForge(deed, applying, rules);
    return refusing === undefined
      ? { reason: 'allowed', signer }
      : { reason: 'forge-not-allowed', signer, ...refusing };
  }
  const refusing = applying.find((one) => !isAmong(signer, deed.mainline ? one.signers : one.merged));
  if (refusing === undefined) return { reason: 'allowed', signer };
  if (refusing.paths.length > 0) return { reason: 'path-not-allowed', signer, rule: refusing };
  return { reason: deed.mainline ? 'role-not-allowed' : 'merged-not-allowed', signer, rule: refusing };
}

/** What a clean merge brings to a renamed file is no author's but the merge's own. */
function movingRule(deed: CommitDeed, applying: readonly Rule[]): Rule | undefined {
  const { author, cleanMerge, byRename = [] } = deed;
  if (!cleanMerge) return undefined;
  return applying.find(({ paths, forgeAuthors }) => {
    const isAuthors = author !== undefined && forgeAuthors.includes(author);
    return !isAuthors && byRename.some((path) => someGlobIsTouched(paths, path));
  });
}

function isAmong(name: string, names: readonly string[] | '*'): boolean {
  return names === '*' || names.includes(name);
}

/** What a forge may do: merge cleanly, and sign for authors that the rule lists; undefined where it may. */
function refusingForge(
  deed: CommitDeed,
  applying: readonly Rule[],
  { whole }: RefRules,
): { readonly rule?: Rule } | undefined {
  // Without a rule: as the implicit one says.
  if (whole.length === 0) {
    if (!deed.cleanMerge) return {};
  }
  const refusing = applying.find((one) => {
    const mayMerge = one.forge === undefined || one.forge.includes('clean-merge');
    if (deed.cleanMerge && mayMerge) return false;
    return deed.author === undefined || !one.forgeAuthors.includes(deed.author);
  });
  return refusing && { rule: refusing };
}

interface About {
  readonly facts: SignatureFacts;
  readonly policy: PolicyFile;
  readonly known: readonly Known[];
}

/** The committer's line says who signed, where the policy wants that. */
function withCommitter(ruling: Ruling, committer: string | undefined, about: About): Ruling {
  const { policy, known } = about;
  if (policy.committer === 'off' || known.some(({ forge }) => forge)) return ruling;
  if (known.some((who) => isCommitter(committer, who, about.facts))) return ruling;
  return policy.committer === 'warn'
    ? { ...ruling, committerDiffers: true }
    : { ...ruling, reason: 'committer-mismatch' };
}

/** Only an e-mail address can be in that line by itself; for all others `committers` says what may stand there. */
function isCommitter(committer: string | undefined, { identity }: Known, facts: SignatureFacts): boolean {
  if (committer === undefined) return false;
  const own =
    facts.type === 'sigstore' && facts.identity.subject.type === 'email'
      ? [facts.identity.subject.value]
      : [];
  return [...own, ...identity.committers].some((address) => sameAddress(address, committer));
}

/** Domains have no case; what stands before the last `@` may have one. */
export function sameAddress(a: string, b: string): boolean {
  return foldDomain(a) === foldDomain(b);
}

function foldDomain(address: string): string {
  const at = address.lastIndexOf('@') + 1;
  return address.slice(0, at) + address.slice(at).toLowerCase();
}
