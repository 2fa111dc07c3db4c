/** Signatures with the newer witnesses: timestamp tokens, a Rekor v2 log, an entry that comes from elsewhere. */
import { generateKeyPairSync, sign } from 'node:crypto';
import { encodeArmor } from '../../../src/core/armor.ts';
import { encodeCms, encodeSignedAttrs } from '../../../src/core/cms.ts';
import { encodeEvidenceEntry } from '../../../src/core/evidence.ts';
import { encodeHashedRekord } from '../../../src/core/rekorEntry.ts';
import { encodeHashedRekordV2 } from '../../../src/core/rekorV2Entry.ts';
import { ToyLogV2 } from '../../core/toyLogV2.ts';
import { COMMIT, embed, NOW, newKey, sha256 } from '../../core/toySigstore.ts';
import { ToyAuthority, withAuthorities } from '../../core/toyTimestamps.ts';
import { toy } from '../attacks/forge.ts';

const tsa = new ToyAuthority();
const logV2 = new ToyLogV2(generateKeyPairSync('ed25519').privateKey);

/** Of all vectors. */
export const trustedRoot = withAuthorities(
  toy.trustedRoot(),
  [tsa.inTrustedRoot()],
  [logV2.inTrustedRoot()],
).toString();

export interface Witnessed {
  readonly log: 'v1' | 'v2' | 'elsewhere';
  /** Over this instead of the signature. */
  readonly stamped?: (signature: Uint8Array) => Uint8Array;
  /** `YYYYMMDDhhmmssZ`. */
  readonly time?: string;
  readonly by?: ToyAuthority;
  readonly withoutToken?: true;
}

export interface Made {
  readonly object: Buffer;
  readonly token: Uint8Array;
  /** The entry as it comes from elsewhere. */
  readonly entry: Uint8Array;
}

/** A commit under these witnesses. */
export function witnessed({ log, stamped, time, by = tsa, withoutToken }: Witnessed): Made {
  const key = newKey();
  const certificate = toy.makeLeaf(key);
  const signedAttrs = encodeSignedAttrs(sha256(COMMIT), NOW);
  const signature = sign('sha256', signedAttrs, key);
  const digest = sha256(signedAttrs);
  const entry =
    log === 'v2'
      ? logV2.makeEntry(encodeHashedRekordV2(digest, signature, certificate))
      : toy.makeEntry(encodeHashedRekord(digest, signature, certificate));
  const token = by.makeToken(stamped?.(signature) ?? signature, time === undefined ? {} : { time });
  const cms = encodeCms({
    signedAttrs,
    certificate,
    signature,
    logEntry: log === 'elsewhere' ? undefined : entry,
    ...(withoutToken ? {} : { timestampToken: token }),
  });
  return { object: embed(COMMIT, encodeArmor(cms)), token, entry: encodeEvidenceEntry(entry) };
}
