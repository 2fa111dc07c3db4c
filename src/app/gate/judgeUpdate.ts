/** `update(old, new, ref)`: one ref of a push, by the policy as it was before the push. docs/policy.md has it in words. */

import { judgePush } from '../../core/policy/mayDo.ts';
import { mayUpdate, type RefRules, rulesFor, wantsPushCertificate } from '../../core/policy/refRules.ts';
import { REASONS } from '../../core/reasons.ts';
import { isAncestor } from './ancestry.ts';
import { type Finding, finding, type Gate, isRefused, isZero } from './gate.ts';
import { judgeCommits, type UpdateContext } from './judgeCommits.ts';
import { judgeTagUpdate } from './judgeTagUpdate.ts';
import { isAmongNames, isEvidence, isReserved, type NamedUpdate } from './names.ts';

/** Everything that was looked at; nothing in it is refused where the update may pass. Never empty. */
export async function judgeUpdate(named: NamedUpdate, context: UpdateContext): Promise<readonly Finding[]> {
  const { update, names, current } = named;
  const { gate, policy, policyRef } = context;
  if (isReserved(names)) return [finding('ref-reserved')];
  if ((current ?? '') !== (isZero(update.old) ? '' : update.old)) return [finding('stale-ref')];
  if (isEvidence(names)) return [await judgeEvidence(named, gate)];
  const rules = rulesFor(policy, names, gate.ignoreCase);
  const isPolicyRef = isAmongNames(names, policyRef, gate.ignoreCase);
  if (rules.whole.length === 0 && rules.default === 'deny') return [finding('ref-denied')];
  const push = judgeCertificate(rules, context);
  if (push !== undefined && isRefused(push)) return [push];
  if (isZero(update.new)) return [judgeDeletion(rules, isPolicyRef, push !== undefined)];
  const type = (await gate.repository.types([update.new])).get(update.new);
  if (type === undefined) return [finding('missing')];
  const isTag = named.moved.startsWith('refs/tags/');
  if (isTag && !isPolicyRef) return judgeTagUpdate({ named, rules, type }, context);
  const isBranch = named.moved.startsWith('refs/heads/') || isPolicyRef;
  if (type !== 'commit') {
    const isOpen = !isBranch && rules.whole.length === 0 && rules.default === 'open';
    return [finding(isOpen ? 'open' : 'wrong-type', { detail: `it is a ${type}` })];
  }
  return judgeCommits(update.new, { named, rules, isPolicyRef }, context);
}

async function judgeEvidence({ update }: NamedUpdate, gate: Gate): Promise<Finding> {
  if (isZero(update.new)) return finding('deletion');
  const type = (await gate.repository.types([update.new])).get(update.new);
  if (type === undefined) return finding('missing');
  if (type !== 'commit') return finding('wrong-type', { detail: `it is a ${type}` });
  const isForward = isZero(update.old) || (await isAncestor(update.old, [update.new], gate.repository));
  return isForward ? finding('open') : finding('non-fast-forward');
}

/** Undefined where no rule asks for a signed push. */
function judgeCertificate(rules: RefRules, { gate, policy }: UpdateContext): Finding | undefined {
  if (!wantsPushCertificate(rules)) return undefined;
  const { pushCertificate } = gate;
  if (pushCertificate === undefined) return finding('push-cert-required');
  const ruling = judgePush(pushCertificate, rules, policy);
  const { reason } = ruling;
  const detail = 'this is about the signature of the push itself';
  return finding(reason, REASONS[reason].decision === 'allowed' ? ruling : { ...ruling, detail });
}

function judgeDeletion(rules: RefRules, isPolicyRef: boolean, isSigned: boolean): Finding {
  if (isPolicyRef) return finding('policy-ref-deletion');
  return finding(mayUpdate(rules, 'delete') || isSigned ? 'allowed' : 'deletion');
}
