/** The signer's certificate, judged: chain, form, SCT; and what is then known of the signer. */
import { hash } from 'node:crypto';
import { sameBytes } from './bytes.ts';
import { type Chain, openChain } from './chain.ts';
import { refuse } from './failure.ts';
import { readLeaf } from './leaf.ts';
import { type OpenedSct, openScts } from './sct.ts';
import type { Trust } from './trustedRoot.ts';
import type { Signer } from './verdict.ts';
import { type Certificate, nameOf, parseCertificate, SCT_LIST, subjectKeyIdOf } from './x509.ts';

export { type Certificate, parseCertificate } from './x509.ts';

/**
 * Verifies a leaf as it comes from Fulcio: chain to the trust at that time, form, SCT. Gives whom it names.
 * Throws a CheckFailure with one sentence.
 */
export function verifyLeaf(der: Uint8Array, trust: Trust, at: Date): Signer {
  const leaf = parseCertificate(der);
  const { signer, chain } = openLeaf(leaf, trust, at);
  const sct = openLeafSct(leaf, chain, trust);
  return sct === undefined ? refuse('the certificate has no SCT') : signer;
}

/** Chain and form only: the SCT is a check of its own. */
export function openLeaf(
  leaf: Certificate,
  trust: Trust,
  at: Date,
): { readonly signer: Signer; readonly chain: Chain } {
  const chain = openChain(leaf, trust, at.getTime());
  const { identity, claims } = readLeaf(leaf);
  const root = chain[chain.length - 1] as Certificate;
  const { organization, commonName } = nameOf(root.subject);
  const signer: Signer = {
    identity,
    fingerprint: fingerprintOf(leaf),
    certificate: leaf.der,
    claims,
    instance: hash('sha256', root.der, 'hex'),
    authority: [organization, commonName].filter((part) => part !== '').join(', '),
  };
  return { signer, chain };
}

/** The SCT that verified; undefined for a leaf so old that none was embedded yet. */
export function openLeafSct(leaf: Certificate, chain: Chain, trust: Trust): OpenedSct | undefined {
  if (!leaf.extensions.has(SCT_LIST) && predatesScts(leaf, chain)) return undefined;
  return openScts(leaf, chain[0], trust);
}

/** SHA-1 of the DER, upper-case hex: a name, as gpgsm prints it. */
export function fingerprintOf(leaf: Certificate): string {
  return hash('sha1', leaf.der, 'hex').toUpperCase();
}

/** Public Fulcio issued from this root itself until 2022-06-01, and handed the SCT over apart. */
const OLD_ROOT_KEY_ID = Buffer.from('58c01e5f9145a566a97acc90a19322d02ac5c5fa', 'hex');
const FIRST_EMBEDDED_SCT = Date.UTC(2022, 5, 2);

function predatesScts(leaf: Certificate, chain: Chain): boolean {
  const keyId = subjectKeyIdOf(chain[0]);
  const underRoot = chain.length === 1 && keyId !== undefined && sameBytes(keyId, OLD_ROOT_KEY_ID);
  return underRoot && leaf.notBefore < FIRST_EMBEDDED_SCT;
}
