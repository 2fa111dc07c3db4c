import type { KeyObject } from 'node:crypto';
import { toBase64 } from '../core/bytes.ts';
import { urlsOf } from './addresses.ts';
import { INTERMEDIATE_NAME, logIdOf } from './certificateAuthority.ts';
import { type Authority, ORGANISATION, spkiOf } from './certificates.ts';
import type { Instance } from './instance.ts';
import type { ServiceKeys } from './serviceKeys.ts';
import { noteKeyIdOf } from './tileLog.ts';
import { TIMESTAMP_NAME } from './timestampToken.ts';

/** The trusted_root.json of an instance (protocols 7.2), as text. */
export function encodeTrustedRoot(instance: Instance, services: ServiceKeys): string {
  const { rekorV2Url, timestampUrl } = urlsOf(instance.url);
  const validFor = { start: instance.validFrom.toISOString().replace(/\.\d+/, '') };
  const log = (baseUrl: string, key: KeyObject, id: Uint8Array) => ({
    baseUrl,
    hashAlgorithm: 'SHA2_256',
    publicKey: { rawBytes: toBase64(spkiOf(key)), keyDetails: keyDetailsOf(key), validFor },
    logId: { keyId: toBase64(id) },
  });
  const ownLog = ({ publicKey }: Authority) => log(instance.url, publicKey, logIdOf(publicKey));
  const rekorV2 = log(rekorV2Url, services.rekorV2.publicKey, noteKeyIdOf(services.rekorV2));
  const authority = (commonName: string, uri: string, certificates: readonly Uint8Array[]) => ({
    subject: { organization: ORGANISATION, commonName },
    uri,
    certChain: { certificates: certificates.map((der) => ({ rawBytes: toBase64(der) })) },
    validFor,
  });
  const root = {
    mediaType: 'application/vnd.dev.sigstore.trustedroot+json;version=0.1',
    tlogs: [ownLog(instance.rekor), rekorV2],
    certificateAuthorities: [authority(INTERMEDIATE_NAME, instance.url, instance.certificates)],
    ctlogs: [ownLog(instance.ctLog)],
    timestampAuthorities: [authority(TIMESTAMP_NAME, timestampUrl, services.timestamp.certificates)],
  };
  return `${JSON.stringify(root, null, 2)}\n`;
}

function keyDetailsOf(key: KeyObject): string {
  return key.asymmetricKeyType === 'ed25519' ? 'PKIX_ED25519' : 'PKIX_ECDSA_P256_SHA_256';
}
