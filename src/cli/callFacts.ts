/** What is remembered of a signature that git has asked about before: loaded by git's verifying call. */
import { hash } from 'node:crypto';
import { openFactCache } from '../adapters/factCache.ts';
import type { LoadedTrust, RootFile } from '../adapters/trust/loadTrust.ts';
import type { Found, Sound } from '../core/facts.ts';
import { SANDBOX_ORGANIZATION, type Trust } from '../core/trustedRoot.ts';

/** What git handed over. */
export interface Subject {
  readonly payload: Uint8Array;
  readonly armored: Uint8Array;
}

export interface Examined {
  readonly found: Found;
  /** Judged by the trusted root of an embedded Sigstore. */
  readonly sandbox: boolean;
}

export interface CallFacts {
  readonly known: Examined | undefined;
  keep(found: Found, trust: Trust): void;
}

/** The root is known by its digest: that it can be used was found out when something was remembered under it. */
export function openCallFacts(
  subject: Subject,
  root: RootFile | LoadedTrust,
  env: NodeJS.ProcessEnv,
): CallFacts | undefined {
  const digest = 'bytes' in root ? hash('sha256', root.bytes, 'hex') : root.digest;
  const facts = openFactCache(env, { digest });
  if (facts === undefined) return undefined;
  const found = facts.load(subject);
  return {
    known: found && { found, sandbox: isSandboxs(found) },
    keep: (fresh, { sandbox }) => {
      // Notes can go again; and a root of several authorities can be a sandbox's for the signatures of others.
      if ('status' in fresh || fresh.proof.source !== 'embedded' || sandbox !== isSandboxs(fresh)) return;
      facts.save(subject, fresh);
    },
  };
}

function isSandboxs({ signer: { authority } }: Sound): boolean {
  return `${authority}, `.startsWith(`${SANDBOX_ORGANIZATION}, `);
}
