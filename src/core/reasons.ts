/**
 * The closed list of reasons for everything that is decided about an object, a ref or a push: what follows, and in which
 * words. Exit codes, texts, JSON and the table in docs/policy.md are made from it.
 */
import { EXIT, type ExitCode } from '../errors.ts';
import { denyText } from './policy.ts';

export type DecisionKind = 'allowed' | 'denied' | 'unproven' | 'incomplete' | 'no-policy';

export interface ReasonRow {
  readonly decision: DecisionKind;
  readonly exitCode: ExitCode;
  /** Completes a sentence about the object; no stop. */
  readonly text: string;
  /** What to do, one sentence; empty where the text says it. */
  readonly hint: string;
}

export const REASONS = {
  // Who signed.
  allowed: allowed('the policy allows the signer'),
  exempt: allowed('the policy exempts it by name'),
  'vouched-for': allowed('whoever merged it vouches for it'),
  open: allowed('the policy leaves this ref open'),
  'no-policy': row('no-policy', EXIT.good, 'no policy says who may sign'),
  'policy-required': row('no-policy', EXIT.unjudged, 'a policy is asked for, and there is none'),
  'identity-not-listed': denied(
    denyText('identity-not-listed'),
    'Sign as somebody whom the policy names, or have an editor add the signer.',
  ),
  'issuer-mismatch': denied(
    denyText('issuer-mismatch'),
    'Log in where the policy says, or have an editor add this issuer.',
  ),
  'claim-mismatch': denied(
    'the workflow is listed, but this run of it has other claims than the policy asks for',
    'Compare the claims in git-signet verify --format json with those of the policy.',
  ),
  'other-instance': denied(
    'the certificate is from a Sigstore that the policy does not count',
    'An editor can name its root in `instance`; a shell that is set to a sandbox shows this too.',
  ),
  expired: denied(
    'the policy lists the signer only until before it was signed',
    'Sign it again as somebody whom the policy lists now.',
  ),
  'not-yet-valid': denied(
    'the policy lists the signer only from a later time on',
    'Sign it again, or have an editor change `valid-from`.',
  ),
  revoked: denied(
    'the policy has revoked the signer for what was signed from then on',
    'An editor can exempt single commits by their full ids.',
  ),
  'not-demanded': denied('the signer is not the one that is demanded'),
  // What for.
  'role-not-allowed': denied(
    'the signer is listed, but not among those who may sign here',
    'Have somebody whom the rule names merge it.',
  ),
  'merged-not-allowed': denied(
    'the signer is listed, but not among those whose commits a merge may bring in here',
    'Have it signed again by somebody whom the rule names under `merged`.',
  ),
  'path-not-allowed': denied(
    'it changes files that only others may change',
    'Have somebody whom the rule with `paths` names sign it.',
  ),
  'policy-change-denied': denied(
    'it changes the policy, and the signer is no editor by the policy before it',
    'Have an editor sign the change.',
  ),
  'forge-not-allowed': denied(
    'a forge signed it, and the policy does not let the forge do this',
    'Sign it yourself, or let the forge make a merge without conflicts where `forge` allows that.',
  ),
  'forge-unchecked': denied(
    'a forge signed it, and whether it may is seen in the whole repository only',
    'Run git-signet policy explain.',
  ),
  'committer-mismatch': denied(
    'the committer is not the one who signed',
    'Set user.email to the address that you sign with, or add yours to `committers`.',
  ),
  // Tags.
  'tag-name-mismatch': denied(
    'the tag calls itself otherwise than its ref',
    'Make the tag again under its name.',
  ),
  'tag-lightweight': denied('it is a tag without an object that could be signed', 'Make it with git tag -s.'),
  'tag-nested': denied('it is a tag of a tag', 'Tag the commit itself.'),
  'tag-of-no-commit': denied('it is a tag of something else than a commit', 'Tag a commit.'),
  'tag-target': denied(
    'the tag is of a commit that is not in the refs that the rule names',
    'Push the commit there first, or in the same push.',
  ),
  'tag-moved': denied('the tag exists already', 'Make a new tag; a released one stays what it is.'),
  // Refs and pushes.
  'ref-denied': denied(
    'no rule names this ref, and the policy denies all others',
    'Push to a ref that it names.',
  ),
  'ref-reserved': denied(
    'nobody may push to this ref',
    'It would change what others see, or what is trusted.',
  ),
  'stale-ref': denied('the ref is not where the push believes it', 'Fetch and push again.'),
  'wrong-type': denied('this kind of object has no place at this ref'),
  'non-fast-forward': denied('it leaves commits of the ref behind', 'Rebase onto the ref and push again.'),
  deletion: denied('the ref may not be deleted', 'A rule with `delete = true` would allow it.'),
  'policy-ref-deletion': denied('the ref that the policy is read from may never be deleted'),
  'old-as-side-branch': denied(
    'it has the ref as a side branch, and undoes a protected change so',
    'Rebase onto the ref and push again.',
  ),
  'policy-invalid': denied(
    'the policy in it cannot be read, or has no editor',
    'Run git-signet policy check in the commit.',
  ),
  'first-push': denied('the first push brings the ref of the policy only', 'Push that ref alone first.'),
  'introduction-missing': denied(
    'the introduction is not in it',
    'Check the introduction that git-signet hook install was given.',
  ),
  'too-many-commits': denied('it brings more commits than are judged at once', 'Push them in several steps.'),
  'push-cert-required': denied('the push itself has to be signed', 'Push with git push --signed.'),
  'push-cert-invalid': denied(
    'the signature of the push is not over this push',
    'Push again with git push --signed.',
  ),
  // Not judged.
  unproven: row(
    'unproven',
    EXIT.unjudged,
    'nothing proves when it was signed',
    'If its log entry is all that is missing: git-signet prove',
  ),
  'service-unreachable': row(
    'unproven',
    EXIT.service,
    'its log entry could not be asked for',
    'Try again when the log answers.',
  ),
  // A check failed.
  'payload-failed': denied('what was signed is no object of this kind'),
  'signature-failed': denied('the signature is not over this object'),
  'certificate-failed': denied('the certificate does not hold'),
  'sct-failed': denied('the certificate was not published as it says'),
  'logEntry-failed': denied('the log entry is not of this signature'),
  'timestamp-failed': denied('the timestamp does not hold'),
  'identity-failed': denied('the identity does not hold'),
  // No signature to judge: a rule refuses them; alone, they are neither good nor bad.
  unsigned: row(
    'denied',
    EXIT.unjudged,
    'it is not signed',
    "Sign it: git rebase --exec 'git commit --amend -S --no-edit' onto what is there.",
  ),
  'other-format': row('denied', EXIT.unjudged, 'it is signed with OpenPGP or SSH, by no key of the policy'),
  foreign: row(
    'unproven',
    EXIT.unjudged,
    'no authority that is trusted here vouches for the signer',
    'Where the signer uses another Sigstore, its trusted root has to be set here: git-signet trust show',
  ),
  malformed: row('unproven', EXIT.unjudged, 'the signature cannot be read, or there are several'),
  // No object to judge.
  missing: incomplete('the object is not in this repository'),
  'too-large': incomplete('the object is too large'),
  'wrong-id': incomplete('the bytes of the object are not those that its name stands for'),
  'other-kind': incomplete('it is an object that carries no signature'),
  incomplete: incomplete(
    'its history ends here before its start',
    'Push from a clone with the whole history.',
  ),
} as const satisfies Record<string, ReasonRow>;

export type Reason = keyof typeof REASONS;

function row(decision: DecisionKind, exitCode: ExitCode, text: string, hint = ''): ReasonRow {
  return { decision, exitCode, text, hint };
}

function allowed(text: string): ReasonRow {
  return row('allowed', EXIT.good, text);
}

function denied(text: string, hint = ''): ReasonRow {
  return row('denied', EXIT.no, text, hint);
}

function incomplete(text: string, hint = ''): ReasonRow {
  return row('incomplete', EXIT.unjudged, text, hint);
}
