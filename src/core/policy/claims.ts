/** Names for Fulcio's claims 1.3.6.1.4.1.57264.1.N (fulcio: docs/oid-info.md), by N. */
export const CLAIMS: Readonly<Record<string, number>> = {
  'gh-trigger': 2,
  'gh-sha': 3,
  'gh-name': 4,
  'gh-repository': 5,
  'gh-ref': 6,
  'build-signer-uri': 9,
  'build-signer-digest': 10,
  'runner-environment': 11,
  'source-repository-uri': 12,
  'source-repository-digest': 13,
  'source-repository-ref': 14,
  'source-repository-identifier': 15,
  'source-repository-owner-uri': 16,
  'source-repository-owner-identifier': 17,
  'build-config-uri': 18,
  'build-config-digest': 19,
  'build-trigger': 20,
  'run-invocation-uri': 21,
  'source-repository-visibility': 22,
  'deployment-environment': 23,
  'token-subject': 24,
};

export const SOURCE_REPOSITORY = 12;
/** Survive a renaming, and whoever takes the old name afterwards: any of them ties a workflow to its owner. */
export const NUMERIC_OWNERS: readonly number[] = [15, 17];
