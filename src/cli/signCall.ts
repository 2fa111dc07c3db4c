/** git's signing call: composes the adapters for one signature. A bundle of its own, loaded when git signs. */
import { parseConfig } from '../adapters/config.ts';
import { readSettings } from '../adapters/settings.ts';
import { loadTrust } from '../adapters/trust/loadTrust.ts';
import { refuseUnverifiable, signPayload } from '../app/sign.ts';
import { parseArmor } from '../core/armor.ts';
import { committerAddress } from '../core/gitObject.ts';
import { SignetError } from '../errors.ts';
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
  const trust = loadTrust(parseConfig(settings).trustedRootPath);
  const { credential, log } = await openSigning(settings, trust, committerAddress(payload));
  const ports = { log, trust, clock: () => new Date() };
  const { armored, verdict } = await signPayload(payload, credential, ports, new AbortController().signal);
  const { publicKey, hash } = verdict.algorithm;
  const seconds = Math.floor(verdict.signedAt.getTime() / 1000);
  return {
    output: call.armor ? armored : parseArmor(new TextEncoder().encode(armored)),
    statusLine: `SIG_CREATED D ${publicKey} ${hash} 00 ${seconds} ${verdict.signer.fingerprint}`,
  };
}
