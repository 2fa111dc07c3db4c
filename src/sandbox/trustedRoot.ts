import type { KeyObject } from 'node:crypto';
import { INTERMEDIATE_NAME, logIdOf } from './certificateAuthority.ts';
import { ORGANISATION, spkiOf } from './certificates.ts';
import type { Instance } from './instance.ts';

/** The trusted_root.json of an instance (protocols 7.2), as text. */
export function encodeTrustedRoot(instance: Instance): string {
  const validFor = { start: instance.validFrom.toISOString().replace(/\.\d+/, '') };
  const log = (key: KeyObject) => ({
    baseUrl: instance.url,
    hashAlgorithm: 'SHA2_256',
    publicKey: { rawBytes: base64(spkiOf(key)), keyDetails: 'PKIX_ECDSA_P256_SHA_256', validFor },
    logId: { keyId: base64(logIdOf(key)) },
  });
  const root = {
    mediaType: 'application/vnd.dev.sigstore.trustedroot+json;version=0.1',
    tlogs: [log(instance.rekor.publicKey)],
    certificateAuthorities: [
      {
        subject: { organization: ORGANISATION, commonName: INTERMEDIATE_NAME },
        uri: instance.url,
        certChain: { certificates: instance.certificates.map((der) => ({ rawBytes: base64(der) })) },
        validFor,
      },
    ],
    ctlogs: [log(instance.ctLog.publicKey)],
    timestampAuthorities: [],
  };
  return `${JSON.stringify(root, null, 2)}\n`;
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64');
}
