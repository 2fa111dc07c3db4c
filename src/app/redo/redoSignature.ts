/** Payload, signature and certificate, to be done again with git and openssl. */
import { hash } from 'node:crypto';
import { sameBytes, toBase64, toHex } from '../../core/bytes.ts';
import { openChain } from '../../core/chain.ts';
import type { CmsSignature } from '../../core/cms.ts';
import { refuse } from '../../core/failure.ts';
import { splitObject } from '../../core/gitObject.ts';
import { isoTime } from '../../core/isoTime.ts';
import type { LeafChecks } from '../../core/leafChecks.ts';
import { authorityKeyIdOf, subjectKeyIdOf } from '../../core/x509.ts';
import type { RawObject } from '../../ports.ts';
import { expectDigest, type Section, toPem } from './section.ts';

/** The object as stored, and the payload: what is left when the signature is cut out. */
export function redoPayload(object: RawObject): Section {
  const { oid, kind, objectFormat, raw } = object;
  const { payload } = splitObject(raw, kind, objectFormat);
  const digest = hash('sha256', payload, 'hex');
  const { start, end } = cutOf(object);
  const sum = objectFormat === 'sha1' ? 'sha1sum' : 'sha256sum';
  return {
    check: 'payload',
    evidence: [
      ['object', `${oid}, ${raw.length} bytes`],
      ['payload', `all but the bytes ${start} to ${end}: ${payload.length} bytes`],
      ['sha256 of payload', digest],
    ],
    commands: [
      'd=$(mktemp -d)',
      `GIT_NO_REPLACE_OBJECTS=1 git cat-file ${kind} ${oid} > "$d/object"`,
      `{ printf '${kind} ${raw.length}\\0'; cat "$d/object"; } | ${sum} | grep -q ^${oid}`,
      `{ head -c ${start} "$d/object"; tail -c +${end + 1} "$d/object"; } > "$d/payload"`,
      expectDigest('payload', digest),
    ],
  };
}

/** Where the signature stands in the object, in one piece. */
function cutOf({ kind, objectFormat, raw }: RawObject): { readonly start: number; readonly end: number } {
  const { payload } = splitObject(raw, kind, objectFormat);
  let start = 0;
  while (start < payload.length && raw[start] === payload[start]) start += 1;
  // A header whose first letters go on as the next line's do: back to where its line begins.
  while (start > 0 && raw[start - 1] !== 0x0a) start -= 1;
  const end = start + raw.length - payload.length;
  if (!sameBytes(raw.subarray(end), payload.subarray(start)))
    return refuse('the signature stands in several places');
  return { start, end };
}

/** openssl reads the CMS structure, and compares the payload's digest and the signature. */
export function redoSignature(object: RawObject, cms: CmsSignature, { leaf }: LeafChecks): Section {
  const { start, end } = cutOf(object);
  const cut = `tail -c +${start + 1} "$d/object" | head -c ${end - start}`;
  return {
    check: 'signature',
    evidence: [
      ['sha256 of signedAttrs', hash('sha256', cms.artifact, 'hex')],
      ['signature', toBase64(cms.signature)],
      ...keyId('key id', subjectKeyIdOf(leaf)),
    ],
    commands: [
      `${cut} | sed 's/^gpgsig[^ ]* //; s/^ //; /^-----/d' | openssl base64 -d > "$d/cms.der"`,
      'openssl cms -verify -binary -noverify -inform DER -in "$d/cms.der" -content "$d/payload" -signer "$d/leaf.pem" -out "$d/verified"',
      'cmp "$d/payload" "$d/verified"',
    ],
  };
}

/** From the leaf to the root of the trusted root, at the time of signing. */
export function redoCertificate(checks: LeafChecks, at: Date): Section {
  const { leaf } = checks;
  const { issuer } = openChain(checks, at.getTime());
  const chain = [issuer.certificate, ...issuer.path];
  const [root = issuer.certificate, ...between] = chain.toReversed();
  const fingerprint = hash('sha256', leaf.der, 'hex');
  // Validity ends with its last second (RFC 5280 4.1.2.5), in which openssl takes it for over.
  const seconds = Math.min(at.getTime(), leaf.notAfter - 1000) / 1000;
  const toFile = (der: Uint8Array, name: string, how: string): string =>
    `echo ${toBase64(der)} | openssl base64 -d -A | openssl x509 -inform DER ${how} "$d/${name}.pem"`;
  return {
    check: 'certificate',
    evidence: [
      ['leaf', toPem(leaf.der)],
      ['sha256 of leaf', fingerprint],
      ['sha1 of leaf', hash('sha1', leaf.der, 'hex')],
      ['serial number', toHex(leaf.serialNumber.subarray(2))],
      ...keyId('authority key id', authorityKeyIdOf(leaf)),
      ['valid', `${isoTime(new Date(leaf.notBefore))} to ${isoTime(new Date(leaf.notAfter))}`],
      ...chain.map(({ der }): readonly [string, string] => ['sha256 of issuer', hash('sha256', der, 'hex')]),
    ],
    commands: [
      `openssl x509 -in "$d/leaf.pem" -outform DER | sha256sum | grep -q ^${fingerprint}`,
      toFile(root.der, 'root', '-out'),
      ': > "$d/between.pem"',
      ...between.map(({ der }) => toFile(der, 'between', '>>')),
      `openssl verify -attime ${seconds} -no-CApath -CAfile "$d/root.pem" -untrusted "$d/between.pem" "$d/leaf.pem"`,
      'openssl x509 -in "$d/leaf.pem" -noout -ext subjectAltName,extendedKeyUsage',
    ],
  };
}

/** The extension may be missing: then there is nothing to show. */
function keyId(name: string, id: Uint8Array | undefined): readonly (readonly [string, string])[] {
  return id === undefined ? [] : [[name, toHex(id)]];
}
