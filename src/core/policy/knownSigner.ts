/**
 * What git's verifying call can ask of a policy file. It sees one object and no ref, so the question is: is this signer
 * known for this kind of object now? Whether it was allowed on a branch, the hook and the gate say.
 */
import { committerAddress, payloadKind } from '../gitObject.ts';
import type { Decision, Policy } from '../policy.ts';
import type { PolicyFile, Rule } from '../policyFile.ts';
import { REASONS } from '../reasons.ts';
import { type CommitDeed, judgeCommit, judgePush, judgeTag, type Ruling } from './mayDo.ts';
import { type RefRules, rulesFor } from './refRules.ts';
import { type SignatureFacts, toSignatureFacts } from './signature.ts';
import { whoIs } from './whoIs.ts';

/** The policy that `judge` takes. */
export function toPolicy(file: PolicyFile): Policy {
  return {
    kind: 'file',
    decide: (sound, payload) => toDecision(rulingOn(toSignatureFacts(sound), payload, file)),
  };
}

/** What a ruling is to a verdict. */
function toDecision({ reason }: Ruling): Decision {
  const { decision, text } = REASONS[reason];
  return decision === 'allowed' ? { decision: 'allowed' } : { decision: 'denied', reason, text };
}

/** What only the repository tells of a commit: git's call has none, and leaves forges unchecked. */
export type SeenCommit = Pick<CommitDeed, 'oid' | 'author' | 'cleanMerge'>;

/** What the policy says of an object by the facts of its signature; `payload` is what was signed, or the whole object. */
export function rulingOn(
  facts: SignatureFacts,
  payload: Uint8Array | undefined,
  policy: PolicyFile,
  seen?: SeenCommit,
): Ruling {
  const signed = { facts };
  const standing = whoIs(facts, policy);
  if ('reason' in standing) return standing;
  const [first] = standing.known;
  const forge = standing.known.find((who) => who.forge);
  if (forge !== undefined && seen === undefined) return { reason: 'forge-unchecked', signer: forge.name };
  const ruling = byKind(signed, payload, policy, seen);
  return first === undefined ? ruling : { signer: first.name, ...ruling };
}

function byKind(
  signed: { readonly facts: SignatureFacts },
  payload: Uint8Array | undefined,
  policy: PolicyFile,
  seen: SeenCommit = NOTHING_SEEN,
): Ruling {
  const kind = payload === undefined ? 'unknown' : payloadKind(payload);
  const committer = payload && committerAddress(payload);
  switch (kind) {
    case 'tag': {
      const rules = rulesFor(policy, [`refs/tags/${payload === undefined ? '' : tagNameIn(payload)}`]);
      return judgeTag({ signed, tagger: committer }, tagsSigned(rules), policy);
    }
    case 'commit': {
      const deed = { ...NOTHING_KNOWN, ...seen, signed, committer };
      return anyOf(rulesForCommits(policy), (rules) => judgeCommit(deed, rules, policy));
    }
    case 'push-certificate':
    case 'unknown':
      return anyOf(rulesForCommits(policy), (rules) => judgePush(signed, rules, policy));
  }
}

const NOTHING_SEEN: SeenCommit = { oid: '', author: undefined, cleanMerge: false };
const NOTHING_KNOWN = { mainline: true, changedPaths: [], policyChange: 'none' } as const;

/** Somebody who may sign in one place, or be merged there, is known. */
function anyOf(places: readonly RefRules[], judge: (rules: RefRules) => Ruling): Ruling {
  const rulings = places.map(judge);
  return (
    rulings.find(({ reason }) => REASONS[reason].decision === 'allowed') ??
    rulings[0] ?? { reason: 'ref-denied' }
  );
}

/** One place for each rule about branches, in which those who may be merged may sign; and the default. */
function rulesForCommits({ rules, default: other }: PolicyFile): readonly RefRules[] {
  const branches = rules.filter(({ refs, paths }) => paths.length === 0 && refs.some(isNotForTags));
  const places = branches.map((one): RefRules => ({ whole: [withMerged(one)], paths: [], default: other }));
  // In the open nobody is asked who they are; to be known takes being listed.
  return other === 'deny' ? places : [...places, { whole: [], paths: [], default: 'signed' }];
}

function isNotForTags(pattern: string): boolean {
  return !pattern.startsWith('refs/tags/');
}

/** `*` makes nobody known. */
function withMerged(rule: Rule): Rule {
  return rule.merged === '*' ? rule : { ...rule, signers: [...rule.signers, ...rule.merged] };
}

/** A signature is what is judged here, whether the rule asks for one or not. */
function tagsSigned(rules: RefRules): RefRules {
  return {
    ...rules,
    default: rules.default === 'open' ? 'signed' : rules.default,
    whole: rules.whole.map((rule) => ({ ...rule, tags: 'signed' as const })),
  };
}

/** What a tag calls itself: its third header line, which is part of what is signed. */
function tagNameIn(payload: Uint8Array): string {
  const head = Buffer.from(payload.buffer, payload.byteOffset, Math.min(payload.length, 4096)).toString(
    'utf8',
  );
  return /^object [^\n]*\ntype [^\n]*\ntag ([^\n]*)\n/.exec(head)?.[1] ?? '';
}
