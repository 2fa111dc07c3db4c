/** git's signing call: composes the adapters for one signature. Hot path while a credential is cached. */
import { loadConfig } from '../adapters/loadConfig.ts';
import { rekorV1 } from '../adapters/rekor.ts';
import { loadTrust } from '../adapters/trust/loadTrust.ts';
import { refuseUnverifiable, signPayload } from '../app/sign.ts';
import { parseArmor } from '../core/armor.ts';
import { committerAddress } from '../core/gitObject.ts';
import { SignetError } from '../errors.ts';
import { obtainCredential, prepareCredential } from './credential.ts';
import type { SignCall } from './gpgArgs.ts';

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
  const config = loadConfig(env);
  const trust = loadTrust(config.trustedRootPath);
  const wanted = await prepareCredential(env, config, trust, committerAddress(payload));
  const credential = await obtainCredential(wanted);
  const log = rekorV1(config.instance.rekorUrl, { insecureHttp: config.instance.insecureHttp });
  const ports = { log, trust, clock: () => new Date() };
  const { armored, verdict } = await signPayload(payload, credential, ports, new AbortController().signal);
  const { publicKey, hash } = verdict.algorithm;
  const seconds = Math.floor(verdict.signedAt.getTime() / 1000);
  return {
    output: call.armor ? armored : parseArmor(new TextEncoder().encode(armored)),
    statusLine: `SIG_CREATED D ${publicKey} ${hash} 00 ${seconds} ${verdict.signer.fingerprint}`,
  };
}
