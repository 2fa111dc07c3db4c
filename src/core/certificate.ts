/** The signer's certificate, judged: chain, form, SCT; and what is then known of the signer. */
import { hash } from 'node:crypto';
import { openChain } from './chain.ts';
import { checksOf, type LeafChecks } from './leafChecks.ts';
import type { Issuer, Trust } from './trustedRoot.ts';
import type { Signer } from './verdict.ts';
import { type Certificate, parseCertificate } from './x509.ts';

export { type Certificate, parseCertificate } from './x509.ts';

/**
 * Verifies a leaf as it comes from Fulcio: chain to the trust at that time, form, SCT. Gives whom it names.
 * Throws a CheckFailure with one sentence.
 */
export function verifyLeaf(der: Uint8Array, trust: Trust, at: Date): Signer {
  const checks = checksOf(parseCertificate(der), trust);
  const { signer, issuer } = openLeaf(checks, [at]);
  checks.sct(issuer);
  return signer;
}

/** A leaf whose chain and form are right; its SCT is a check of its own. */
export interface OpenedLeaf {
  readonly signer: Signer;
  readonly issuer: Issuer;
}

/** The chain must hold at each of the times; the first of them decides by whom the leaf is said to be certified. */
export function openLeaf(checks: LeafChecks, times: readonly [Date, ...Date[]]): OpenedLeaf {
  const [first, ...others] = times;
  const { authority, issuer } = openChain(checks, first.getTime());
  for (const at of others) openChain(checks, at.getTime());
  const { identity, claims } = checks.facts();
  const { instance, authority: name } = authority.root();
  const { leaf } = checks;
  const fingerprint = fingerprintOf(leaf);
  const signer = { identity, fingerprint, certificate: leaf.der, claims, instance, authority: name };
  return { signer, issuer };
}

/** SHA-1 of the DER, upper-case hex: a name, as gpgsm prints it. */
export function fingerprintOf(leaf: Certificate): string {
  return hash('sha1', leaf.der, 'hex').toUpperCase();
}
