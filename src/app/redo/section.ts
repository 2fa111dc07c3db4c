/** How one check can be done again without this program: what it rests on, and the commands for a shell. */
import { createPublicKey } from 'node:crypto';
import { encodePem } from '../../core/armor.ts';
import { toBase64 } from '../../core/bytes.ts';
import type { LogAuthority } from '../../core/trustedRoot.ts';
import type { CheckName } from '../../core/verdict.ts';

export interface Section {
  readonly check: CheckName;
  /** Names and values; a value of several lines is a PEM text. */
  readonly evidence: readonly (readonly [string, string])[];
  /**
   * For a POSIX shell with openssl and sha256sum, in order: those of one section use files of those before. Each
   * succeeds only if what it checks is so. All that strangers wrote stands in them as hex or base64.
   */
  readonly commands: readonly string[];
}

/** Puts bytes into a file of the folder that the commands work in. */
export function put(name: string, bytes: Uint8Array): string {
  return `echo ${toBase64(bytes)} | openssl base64 -d -A > "$d/${name}"`;
}

/** Succeeds if the file's SHA-256 is this one. */
export function expectDigest(name: string, hex: string): string {
  return `echo "${hex}  $d/${name}" | sha256sum -c`;
}

/** Two commands: the key of a log into a file, and its signature in `<name>.sig` over the file `<name>`. */
export function verifyByLog(log: LogAuthority, name: string, signature: Uint8Array): readonly string[] {
  const { spki } = log.key();
  const key = createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' });
  const verify =
    key.asymmetricKeyType === 'ed25519'
      ? `openssl pkeyutl -verify -pubin -inkey "$d/${name}.key" -rawin -in "$d/${name}" -sigfile "$d/${name}.sig"`
      : `openssl dgst -sha256 -verify "$d/${name}.key" -signature "$d/${name}.sig" "$d/${name}"`;
  return [
    `echo ${toBase64(spki)} | openssl base64 -d -A | openssl pkey -pubin -inform DER -out "$d/${name}.key"`,
    put(`${name}.sig`, signature),
    verify,
  ];
}

export function toPem(der: Uint8Array): string {
  return encodePem(der, '-----BEGIN CERTIFICATE-----', '-----END CERTIFICATE-----').trimEnd();
}
