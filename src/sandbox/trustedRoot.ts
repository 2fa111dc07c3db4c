import type { KeyObject } from 'node:crypto';
import { INTERMEDIATE_NAME, logIdOf } from './certificateAuthority.ts';
import { ORGANISATION, spkiOf } from './certificates.ts';
import type { Instance } from './instance.ts';
import type { ServiceKeys } from './serviceKeys.ts';
import { timestampUrlOf } from './timestampAuthority.ts';
import { TIMESTAMP_NAME } from './timestampToken.ts';

/** The trusted_root.json of an instance (protocols 7.2), as text. */
export function encodeTrustedRoot(instance: Instance, services: ServiceKeys): string {
  const validFor = { start: instance.validFrom.toISOString().replace(/\.\d+/, '') };
  const log = (key: KeyObject) => ({
    baseUrl: instance.url,
    hashAlgorithm: 'SHA2_256',
    publicKey: { rawBytes: base64(spkiOf(key)), keyDetails: 'PKIX_ECDSA_P256_SHA_256', validFor },
    logId: { keyId: base64(logIdOf(key)) },
  });
  const authority = (commonName: string, uri: string, certificates: readonly Uint8Array[]) => ({
    subject: { organization: ORGANISATION, commonName },
    uri,
    certChain: { certificates: certificates.map((der) => ({ rawBytes: base64(der) })) },
    validFor,
  });
  const root = {
    mediaType: 'application/vnd.dev.sigstore.trustedroot+json;version=0.1',
    tlogs: [log(instance.rekor.publicKey)],
    certificateAuthorities: [authority(INTERMEDIATE_NAME, instance.url, instance.certificates)],
    ctlogs: [log(instance.ctLog.publicKey)],
    timestampAuthorities: [
      authority(TIMESTAMP_NAME, timestampUrlOf(instance), services.timestamp.certificates),
    ],
  };
  return `${JSON.stringify(root, null, 2)}\n`;
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64');
}
