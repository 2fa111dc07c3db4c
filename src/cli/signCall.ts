/** git's signing call: composes the adapters for one signature. A bundle of its own, loaded when git signs. */
import { parseConfig } from '../adapters/config.ts';
import { refuseOtherCommitter } from '../adapters/matchCommitter.ts';
import { readSettings } from '../adapters/settings.ts';
import { openTrust } from '../adapters/trust/loadTrust.ts';
import { refuseUnverifiable, type Signature, signPayload } from '../app/sign.ts';
import { parseArmor } from '../core/armor.ts';
import { committerAddress } from '../core/gitObject.ts';
import { SignetError } from '../errors.ts';
import type { Instance } from '../ports.ts';
import type { SignCall } from './gpgArgs.ts';
import { openSigning } from './signing.ts';

export interface Signed {
  /** What belongs on standard output, whole. */
  readonly output: string | Uint8Array;
  /** `SIG_CREATED …`, to be printed after the output. */
  readonly statusLine: string;
}

/** Makes one signature. What is refused is refused before anybody is asked to log in. Throws SignetError. */
export async function sign(payload: Uint8Array, call: SignCall, env: NodeJS.ProcessEnv): Promise<Signed> {
  if (!call.detached) {
    throw new SignetError('usage', 'Only detached signatures are made.', 'Add --detach-sign (-b).');
  }
  refuseUnverifiable(payload);
  const settings = readSettings(env);
  const trust = await openTrust(parseConfig(settings).trust, env);
  const committer = committerAddress(payload);
  const signing = await openSigning(settings, trust, committer);
  refuseOtherCommitter(signing.credential.identity, committer, settings);
  const { credential, log, timestamps } = signing;
  const ports = { log, timestamps, trust, clock: () => new Date() };
  const waiting = setTimeout(() => void sayWhatIsAwaited(signing.instance, env), WORD_AFTER_MS);
  const signature = await signPayload(payload, credential, ports, new AbortController().signal).finally(() =>
    clearTimeout(waiting),
  );
  await announce(signing.instance, env);
  return toSigned(signature, call);
}

/** A signature as git wants to have it told. */
export function toSigned({ armored, verdict }: Signature, call: SignCall): Signed {
  const { publicKey, hash } = verdict.algorithm;
  const seconds = Math.floor(verdict.signedAt.getTime() / 1000);
  return {
    output: call.armor ? armored : parseArmor(new TextEncoder().encode(armored)),
    statusLine: `SIG_CREATED D ${publicKey} ${hash} 00 ${seconds} ${verdict.signer.fingerprint}`,
  };
}

/** A log answers in one to three seconds; longer, somebody wonders what is going on. */
const WORD_AFTER_MS = 2_000;

async function sayWhatIsAwaited({ rekorUrl }: Instance, env: NodeJS.ProcessEnv): Promise<void> {
  const { tellOnTerminal } = await import('./tellPerson.ts');
  tellOnTerminal([`Waiting for the log ${rekorUrl} ...`], env);
}

/** Told each time, since whoever uses gitsign will not get it verified: neither a Rekor v2 entry nor any timestamp. */
async function announce(
  { rekorVersion, timestampServerUrl }: Instance,
  env: NodeJS.ProcessEnv,
): Promise<void> {
  if (timestampServerUrl === undefined) return;
  const { tellNotes } = await import('./tellPerson.ts');
  const what = rekorVersion === 2 ? 'it is logged in Rekor v2 and has a timestamp' : 'it has a timestamp';
  tellNotes([`gitsign does not verify this signature: ${what}.`], env);
}
