/** What signing needs of the world: a credential, the log, and the timestamp authority where there is one. */
import type { Settings } from '../adapters/settings.ts';
import { openWitnesses, type Witnesses } from '../adapters/witnesses.ts';
import type { Trust } from '../core/trustedRoot.ts';
import { SignetError } from '../errors.ts';
import type { Credential, Instance } from '../ports.ts';
import { obtainCredential, prepareCredential } from './credential.ts';

export interface Signing extends Witnesses {
  readonly credential: Credential;
  readonly instance: Instance;
}

/** Finds a credential, logging in if need be. Throws SignetError. */
export async function openSigning(
  settings: Settings,
  trust: Trust,
  committer: string | undefined,
): Promise<Signing> {
  const wanted = await prepareCredential(settings, trust, committer);
  const { instance } = wanted;
  refuseUncheckable(instance, trust);
  const witnesses = await openWitnesses(instance);
  return { ...witnesses, instance, credential: await obtainCredential(wanted) };
}

/** Before anybody logs in for a signature that could not be finished. */
function refuseUncheckable({ timestampServerUrl }: Instance, { timestampAuthorities }: Trust): void {
  if (timestampServerUrl === undefined || timestampAuthorities.length > 0) return;
  throw new SignetError(
    'config',
    'There is a timestamp server, but no timestamp authority is trusted, so its timestamps could not be checked.',
    'Name a PEM file with its certificates in signet.timestampCertChain, or unset signet.timestampServerURL.',
  );
}
