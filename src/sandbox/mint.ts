/**
 * Certificates for tests, of anybody the sandbox is told: a release workflow's, a user name's, one of last year.
 * Only ever by a sandbox's own authority, which nobody else trusts.
 */
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { parseCertificate, verifyLeaf } from '../core/certificate.ts';
import { isoTime } from '../core/isoTime.ts';
import type { Trust } from '../core/trustedRoot.ts';
import type { San, Signer } from '../core/verdict.ts';
import { isSignetError, SignetError } from '../errors.ts';
import { issueLeaf, LEAF_MS } from './certificateAuthority.ts';
import { endOf, type Instance } from './instance.ts';

/** What the certificate shall say. */
export interface MintRequest {
  readonly subject: San;
  readonly issuer: string;
  /** Texts of Fulcio's extensions 57264.1.N by N; they win over those made of the issuer (1 and 8). */
  readonly extensions: ReadonlyMap<number, string>;
  /** When it begins, and what its SCT says; only whole seconds count. */
  readonly at: Date;
}

export interface Minted {
  readonly privateKey: KeyObject;
  /** DER: leaf, intermediate, root. */
  readonly chain: readonly Uint8Array[];
  /** As our own verifier reads it. */
  readonly signer: Signer;
  readonly notBefore: Date;
  readonly notAfter: Date;
}

/**
 * Makes a key and its certificate, with an SCT of the sandbox's CT log; `trust` is that of the same sandbox. Throws
 * `usage` where the time is outside of the authority's own, and where our verifier would not take the certificate.
 */
export function mint(instance: Instance, trust: Trust, request: MintRequest): Minted {
  const { subject, issuer } = request;
  const notBefore = new Date(Math.floor(request.at.getTime() / 1000) * 1000);
  const notAfter = new Date(notBefore.getTime() + LEAF_MS);
  refuseOutside(instance, notBefore, notAfter);
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const extensions = new Map(
    [...new Map([[1, issuer], [8, issuer], ...request.extensions])].sort(([a], [b]) => a - b),
  );
  const leaf = issueLeaf(instance, { publicKey, subject, extensions, notBefore, notAfter, sctAt: notBefore });
  return {
    privateKey,
    chain: [leaf, ...instance.certificates],
    signer: openMinted(leaf, trust),
    notBefore,
    notAfter,
  };
}

/** Whom a minted leaf names. Throws `usage` for what our verifier would not take, and for leafs of other authorities. */
export function openMinted(leaf: Uint8Array, trust: Trust): Signer {
  if (!trust.sandbox)
    throw new SignetError(
      'usage',
      "The trusted root is no sandbox's, and only a sandbox mints.",
      'Name the folder of a sandbox: --state',
    );
  try {
    return verifyLeaf(leaf, trust, new Date(parseCertificate(leaf).notBefore));
  } catch (error) {
    if (!isSignetError(error) || error.code !== 'malformed') throw error;
    throw new SignetError(
      'usage',
      `The certificate would count for nobody: ${error.message}.`,
      'See docs/sandbox.md for what can be minted.',
      error,
    );
  }
}

function refuseOutside(instance: Instance, notBefore: Date, notAfter: Date): void {
  const end = endOf(instance);
  if (notBefore >= instance.validFrom && notAfter <= end) return;
  throw new SignetError(
    'usage',
    `The sandbox's authority is valid from ${isoTime(instance.validFrom)} to ${isoTime(end)} only.`,
    'Name a time within: --time 2026-06-30T00:00:00Z',
  );
}
