/** What few signatures need, so that git's verifying call need not load it for all the others. */
import type { CmsSignature } from './cms.ts';
import type { About, Findings } from './conclude.ts';
import type { EntryState } from './embeddedEntry.ts';
import type { Unsound } from './facts.ts';
import type { LeafChecks } from './leafChecks.ts';
import type { EmbeddedEntry } from './rekorEntry.ts';
import type { OpenedToken } from './timestampToken.ts';
import type { Issuer, Trust } from './trustedRoot.ts';
import type { Verdict } from './verdict.ts';
import type { Certificate } from './x509.ts';

/** A signature, read, and what it is said to be over. */
export interface Signed {
  readonly payload: Uint8Array;
  /** As git stores it; undefined where the signature carries its payload, which git knows nothing of. */
  readonly armored: Uint8Array | undefined;
  readonly cms: CmsSignature;
  readonly checks: LeafChecks;
}

export interface RareChecks {
  /** Opens the timestamp tokens, of which there is one at least; each must be right. */
  readonly openTokens: (signed: Signed, trust: Trust) => readonly OpenedToken[];
  /** Opens an embedded entry of a Rekor v2 log, or finds out about one that is not embedded. */
  readonly openEntry: (
    signed: Signed,
    embedded: EmbeddedEntry | undefined,
    tokens: readonly OpenedToken[],
    trust: Trust,
  ) => EntryState;
  /** Refuses a leaf without SCT, unless it is so old that none was embedded yet: then in words. */
  readonly openMissingSct: (leaf: Certificate, issuer: Issuer) => string;
  /** The verdict over what cannot be judged. */
  readonly unreadable: (
    format: Extract<Verdict, { status: 'unreadable' }>['format'],
    reason: string,
    about?: About,
  ) => Unsound;
  /** The same where not even the armor and the CMS in it can be read: it may be of another format. */
  readonly unreadableArmor: (armored: Uint8Array, reason: string) => Unsound;
  /** The verdict over what names a trusted authority and is not sound. */
  readonly conclude: (findings: Findings) => Unsound;
}
