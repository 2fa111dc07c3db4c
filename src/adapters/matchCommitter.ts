/** `signet.matchCommitter`: whoever signs must be who the commit or tag says made it. */
import { sameAddress } from '../core/policy/mayDo.ts';
import type { Identity } from '../core/verdict.ts';
import { SignetError } from '../errors.ts';
import { readBoolean, type Setting, type Settings } from './settings.ts';

export const MATCH_COMMITTER = {
  key: 'signet.matchCommitter',
  env: '',
  standard: 'false',
} as const satisfies Setting;

/**
 * Compares the address in the payload's committer or tagger line with the identity that is to sign. A payload without such
 * a line (a push certificate) says nobody. Throws SignetError `refused-identity`.
 */
export function refuseOtherCommitter(
  { subject }: Identity,
  committer: string | undefined,
  settings: Settings,
): void {
  if (committer === undefined || !readBoolean(MATCH_COMMITTER, settings)) return;
  if (subject.type === 'email' && sameAddress(subject.value, committer)) return;
  throw new SignetError(
    'refused-identity',
    `The committer is ${committer}, but ${subject.value} would sign, and signet.matchCommitter is set.`,
    subject.type === 'email'
      ? `Run git config user.email ${subject.value}, or git-signet logout to sign as somebody else.`
      : 'Run git config signet.matchCommitter false: this identity has no e-mail address.',
  );
}
