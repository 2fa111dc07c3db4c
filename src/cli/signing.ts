/** What signing needs of the world: a credential and the log. */
import { rekorV1 } from '../adapters/rekor.ts';
import type { Settings } from '../adapters/settings.ts';
import type { Trust } from '../core/trustedRoot.ts';
import type { Credential, TransparencyLog } from '../ports.ts';
import { obtainCredential, prepareCredential } from './credential.ts';

export interface Signing {
  readonly credential: Credential;
  readonly log: TransparencyLog;
}

/** Finds a credential, logging in if need be. Throws SignetError. */
export async function openSigning(
  settings: Settings,
  trust: Trust,
  committer: string | undefined,
): Promise<Signing> {
  const wanted = await prepareCredential(settings, trust, committer);
  const { rekorUrl, insecureHttp } = wanted.instance;
  return { credential: await obtainCredential(wanted), log: rekorV1(rekorUrl, { insecureHttp }) };
}
