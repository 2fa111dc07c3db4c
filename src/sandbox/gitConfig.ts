import { CLIENT_ID } from './idToken.ts';
import type { SandboxState } from './lifecycle.ts';

/**
 * The git configuration that points a repository at a sandbox, in the order in which to set it. For
 * `git config --local` only: elsewhere it would make a toy the authority for real work.
 */
export function gitConfigOf(
  state: Pick<SandboxState, 'url' | 'issuer' | 'trustedRootPath'>,
  program = 'git-signet',
): readonly (readonly [key: string, value: string])[] {
  return [
    ['signet.fulcio', state.url],
    ['signet.rekor', state.url],
    ['signet.issuer', state.issuer],
    ['signet.clientID', CLIENT_ID],
    ['signet.trustedRoot', state.trustedRootPath],
    ['gpg.format', 'x509'],
    ['gpg.x509.program', program],
    ['commit.gpgSign', 'true'],
  ];
}
