import { CLIENT_ID } from './idToken.ts';
import type { SandboxState } from './lifecycle.ts';

/** Which log to sign with. Entries of version 2 say no time, so that a timestamp is needed too. */
export type RekorVersion = 1 | 2;

/**
 * The git configuration that points a repository at a sandbox, in the order in which to set it. For
 * `git config --local` only: elsewhere it would make a toy the authority for real work.
 */
export function gitConfigOf(
  state: Pick<
    SandboxState,
    'fulcioUrl' | 'rekorUrl' | 'rekorV2Url' | 'timestampUrl' | 'issuer' | 'trustedRootPath'
  >,
  program = 'git-signet',
  rekorVersion: RekorVersion = 1,
): readonly (readonly [key: string, value: string])[] {
  return [
    ['signet.fulcio', state.fulcioUrl],
    ...logSettings(state, rekorVersion),
    ['signet.issuer', state.issuer],
    ['signet.clientID', CLIENT_ID],
    ['signet.trustedRoot', state.trustedRootPath],
    ['gpg.format', 'x509'],
    ['gpg.x509.program', program],
    ['commit.gpgSign', 'true'],
  ];
}

function logSettings(
  state: Pick<SandboxState, 'rekorUrl' | 'rekorV2Url' | 'timestampUrl'>,
  rekorVersion: RekorVersion,
): readonly (readonly [string, string])[] {
  const [url, timestamp] = rekorVersion === 2 ? [state.rekorV2Url, state.timestampUrl] : [state.rekorUrl, ''];
  // An empty value is none, and takes the place of what was set before or elsewhere.
  return [
    ['signet.rekor', url],
    ['signet.rekorVersion', String(rekorVersion)],
    ['signet.timestampServerURL', timestamp],
  ];
}
