/** What is found out about a leaf whatever the time: looked at once, however many times and signatures rest on it. */
import { hash } from 'node:crypto';
import { sameBytes } from './bytes.ts';
import { type Candidate, findIssuers, isIssuedBy } from './chain.ts';
import { type LeafFacts, readLeaf } from './leaf.ts';
import { MAX_REMEMBERED_LEAF_BYTES, MAX_REMEMBERED_LEAFS, MAX_REMEMBERED_SIGNATURE_BYTES } from './limits.ts';
import { once } from './once.ts';
import { type OpenedSct, openScts } from './sct.ts';
import type { Issuer, Trust } from './trustedRoot.ts';
import type { Certificate } from './x509.ts';

/** Each is made at its first use, and throws a CheckFailure each time that it has to. */
export interface LeafChecks {
  readonly leaf: Certificate;
  readonly issuers: () => readonly Candidate[];
  readonly facts: () => LeafFacts;
  readonly isIssuedBy: (issuer: Certificate) => boolean;
  readonly sct: (issuer: Issuer) => OpenedSct;
}

export function checksOf(leaf: Certificate, trust: Trust): LeafChecks {
  // The same intermediate may stand under several authorities: its signature is looked at once.
  const tried: { readonly spki: Uint8Array; readonly right: boolean }[] = [];
  const scts = new Map<Issuer, OpenedSct>();
  return {
    leaf,
    issuers: once(() => findIssuers(leaf, trust)),
    facts: once(() => readLeaf(leaf)),
    isIssuedBy: (issuer) => {
      const known = tried.find(({ spki }) => sameBytes(spki, issuer.spki));
      const right = known?.right ?? isIssuedBy(leaf, issuer);
      if (known === undefined) tried.push({ spki: issuer.spki, right });
      return right;
    },
    sct: (issuer) => {
      const sct = scts.get(issuer) ?? openScts(leaf, issuer.certificate, trust);
      scts.set(issuer, sct);
      return sct;
    },
  };
}

/** Gives the checks of a leaf, those of an earlier call where the bytes are the same. */
export type LeafMemory = (leaf: Certificate) => LeafChecks;

/** One credential signs many commits, so histories meet a leaf again and again. Holds the newest ones only. */
export function rememberLeafs(trust: Trust): LeafMemory {
  const known = new Map<string, LeafChecks>();
  return (leaf) => {
    // It keeps the bytes of the signature that it came in, which are a stranger's.
    const isLarge = leaf.tbs.source.length > MAX_REMEMBERED_SIGNATURE_BYTES;
    if (isLarge || leaf.der.length > MAX_REMEMBERED_LEAF_BYTES) return checksOf(leaf, trust);
    const name = hash('sha256', leaf.der, 'base64');
    const checks = known.get(name) ?? checksOf(leaf, trust);
    known.delete(name);
    known.set(name, checks);
    if (known.size > MAX_REMEMBERED_LEAFS) known.delete(known.keys().next().value as string);
    return checks;
  };
}
