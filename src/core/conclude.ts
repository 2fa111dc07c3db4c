/** From what was found to the verdict where it is not sound. */
import { fingerprintOf } from './certificate.ts';
import { NOT_REACHED } from './describe.ts';
import type { Unsound } from './facts.ts';
import { CHECKS, type Checks, type Signer, type Verdict } from './verdict.ts';
import type { Certificate } from './x509.ts';

/** What is known of a signature once it was read. */
export interface About {
  readonly algorithm: Verdict['algorithm'];
  readonly leaf: Certificate;
}

/** What the checks found. */
export interface Findings extends About {
  readonly checks: Checks;
  /** Set once the chain verified. */
  readonly signer: Signer | undefined;
}

/** The verdict over what cannot be judged. */
export function unreadable(
  format: Extract<Verdict, { status: 'unreadable' }>['format'],
  reason: string,
  about?: About,
): Unsound {
  const algorithm = about?.algorithm ?? { publicKey: 0, hash: 0 };
  const verdict = { status: 'unreadable', format, reason, checks: NOT_REACHED, algorithm } as const;
  return about === undefined ? verdict : { ...verdict, fingerprint: fingerprintOf(about.leaf) };
}

/** The verdict over what names a trusted authority. */
export function conclude({ algorithm, leaf, checks, signer }: Findings): Unsound {
  const failed = CHECKS.find((name) => checks[name].result === 'failed');
  if (failed !== undefined || signer === undefined) {
    const reason = checks[failed ?? 'certificate'].detail;
    const fingerprint = fingerprintOf(leaf);
    return { status: 'bad', reason, checks, algorithm, fingerprint, ...(signer && { signer }) };
  }
  const reason = checks[checks.sct.result === 'skipped' ? 'sct' : 'logEntry'].detail;
  return { status: 'unproven', reason, checks, algorithm, signer };
}
