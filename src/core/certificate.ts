/** The signer's certificate, judged: chain, form, SCT; and what is then known of the signer. */
import { hash } from 'node:crypto';
import { sameBytes } from './bytes.ts';
import { type Candidate, findIssuers, openChain } from './chain.ts';
import { refuse } from './failure.ts';
import { readLeaf } from './leaf.ts';
import { type OpenedSct, openScts } from './sct.ts';
import type { Issuer, Trust } from './trustedRoot.ts';
import type { Signer } from './verdict.ts';
import { type Certificate, parseCertificate, SCT_LIST } from './x509.ts';

export { type Certificate, parseCertificate } from './x509.ts';

/**
 * Verifies a leaf as it comes from Fulcio: chain to the trust at that time, form, SCT. Gives whom it names.
 * Throws a CheckFailure with one sentence.
 */
export function verifyLeaf(der: Uint8Array, trust: Trust, at: Date): Signer {
  const leaf = parseCertificate(der);
  const { signer, issuer } = openLeaf(leaf, findIssuers(leaf, trust), at);
  const sct = openLeafSct(leaf, issuer, trust);
  return sct === undefined ? refuse('the certificate has no SCT') : signer;
}

/** A leaf whose chain and form are right; its SCT is a check of its own. */
export interface OpenedLeaf {
  readonly signer: Signer;
  readonly issuer: Issuer;
}

export function openLeaf(leaf: Certificate, candidates: readonly Candidate[], at: Date): OpenedLeaf {
  const { authority, issuer } = openChain(leaf, candidates, at.getTime());
  const { identity, claims } = readLeaf(leaf);
  const { instance, authority: name } = authority.root();
  const fingerprint = fingerprintOf(leaf);
  const signer = { identity, fingerprint, certificate: leaf.der, claims, instance, authority: name };
  return { signer, issuer };
}

/** The SCT that verified; undefined for a leaf so old that none was embedded yet. */
export function openLeafSct(leaf: Certificate, issuer: Issuer, trust: Trust): OpenedSct | undefined {
  if (!leaf.extensions.has(SCT_LIST) && predatesScts(leaf, issuer)) return undefined;
  return openScts(leaf, issuer.certificate, trust);
}

/** SHA-1 of the DER, upper-case hex: a name, as gpgsm prints it. */
export function fingerprintOf(leaf: Certificate): string {
  return hash('sha1', leaf.der, 'hex').toUpperCase();
}

/** Public Fulcio issued from this root itself until 2022-06-01, and handed the SCT over apart. */
const OLD_ROOT_KEY_ID = Buffer.from('58c01e5f9145a566a97acc90a19322d02ac5c5fa', 'hex');
const FIRST_EMBEDDED_SCT = Date.UTC(2022, 5, 2);

function predatesScts(leaf: Certificate, issuer: Issuer): boolean {
  const keyId = issuer.subjectKeyId();
  const underRoot = issuer.path.length === 0 && keyId !== undefined && sameBytes(keyId, OLD_ROOT_KEY_ID);
  return underRoot && leaf.notBefore < FIRST_EMBEDDED_SCT;
}
