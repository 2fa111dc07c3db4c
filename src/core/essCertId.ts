/** The certificate's name among the signed attributes of a timestamp (RFC 5035): else others with its key would do. */
import { hash } from 'node:crypto';
import { sameBytes } from './bytes.ts';
import { type Attributes, algorithmOf } from './cms.ts';
import { childrenOf, contentOf, type DerNode, encodedOf, OCTET_STRING, SEQUENCE } from './der.ts';
import { refuse } from './failure.ts';
import { DIGESTS } from './signature.ts';
import type { Certificate } from './x509.ts';

const SIGNING_CERTIFICATE = '1.2.840.113549.1.9.16.2.12';
const SIGNING_CERTIFICATE_V2 = '1.2.840.113549.1.9.16.2.47';

/** Refuses attributes that name no certificate, or another one. Both forms may be there; both must be right. */
export function checkCertificateId(signedAttrs: Attributes, signer: Certificate): void {
  const old = signedAttrs.get(SIGNING_CERTIFICATE);
  const current = signedAttrs.get(SIGNING_CERTIFICATE_V2);
  if (old === undefined && current === undefined) {
    refuse('the timestamp does not say by which certificate it is signed');
  }
  // SHA-1 as a name: a second certificate with the same one is not to be had.
  if (old !== undefined) checkId(firstId(old).children, 'sha1', signer);
  if (current !== undefined) {
    const [first, ...rest] = firstId(current).children;
    // hashAlgorithm DEFAULT sha256; those who spell it out are many.
    if (first?.tag !== SEQUENCE) checkId(first === undefined ? [] : [first, ...rest], 'sha256', signer);
    else checkId(rest, DIGESTS[algorithmOf(first, WHAT)]?.[0], signer);
  }
}

const WHAT = 'the certificate id in the timestamp';

/** SigningCertificate ::= SEQUENCE { certs SEQUENCE OF ESSCertID, policies OPTIONAL }: the first is the signer's. */
function firstId(node: DerNode): DerNode {
  const { 0: ids } = childrenOf(node, SEQUENCE, WHAT, [1, 2]);
  const { 0: id } = childrenOf(ids, SEQUENCE, WHAT, [1, Number.POSITIVE_INFINITY]);
  childrenOf(id, SEQUENCE, WHAT, [1, 3]);
  return id as DerNode;
}

/** certHash, issuerSerial OPTIONAL */
function checkId(parts: readonly DerNode[], digest: string | undefined, signer: Certificate): undefined {
  const [certHash, issuerSerial, more] = parts;
  if (digest === undefined || more !== undefined) return refuse(`${WHAT} is malformed`);
  const same = sameBytes(contentOf(certHash, OCTET_STRING, WHAT), hash(digest, signer.der, 'buffer'));
  if (!same || (issuerSerial !== undefined && !isIssuerSerial(issuerSerial, signer))) {
    refuse('the timestamp names another certificate than the one it is signed with');
  }
}

/** IssuerSerial ::= SEQUENCE { issuer GeneralNames, serialNumber INTEGER }, a directoryName [4] EXPLICIT Name alone. */
function isIssuerSerial(node: DerNode, signer: Certificate): boolean {
  const { 0: names, 1: serialNumber } = childrenOf(node, SEQUENCE, WHAT, [2]);
  const { 0: name } = childrenOf(names, SEQUENCE, WHAT, [1]);
  const { 0: issuer } = childrenOf(name, 0xa4, WHAT, [1]);
  const sameIssuer = sameBytes(encodedOf(issuer as DerNode), signer.issuer);
  return sameIssuer && sameBytes(encodedOf(serialNumber as DerNode), signer.serialNumber);
}
