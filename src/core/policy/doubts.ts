/** What a policy may say without meaning it: right, and worth a second look. */
import type { PolicyFile, SignerIdentity } from '../policyFile.ts';
import { ISSUER_ALIASES } from './issuers.ts';
import type { NamedSigner } from './readSigners.ts';
import { type Findings, type Place, warn } from './tree.ts';

/** Adds warnings about the policy as a whole. */
export function addDoubts(
  findings: Findings,
  policy: PolicyFile,
  signers: ReadonlyMap<string, NamedSigner>,
): void {
  const placeOf = (name: string): Place => signers.get(name)?.place ?? START;
  doubtIdentities(findings, policy, placeOf);
  const { editors, revocations } = policy;
  const isRevoked = (name: string): boolean => revocations.some(({ signer }) => signer === name);
  if (editors.length > 0 && editors.every(isRevoked))
    warn(
      findings,
      placeOf(editors[0] ?? ''),
      'Every editor is revoked: after that nobody can change the policy.',
    );
  doubtRules(findings, policy);
  if (policy.default === 'open')
    warn(findings, START, 'Refs that no rule names take anything from anybody (default = "open").');
}

const START: Place = { line: 1, column: 1 };

function doubtIdentities(findings: Findings, policy: PolicyFile, placeOf: (name: string) => Place): void {
  const seen = new Map<string, string>();
  for (const { name, identities } of policy.signers) {
    for (const one of identities) {
      const other = seen.get(markOf(one));
      if (other !== undefined && other !== name)
        warn(findings, placeOf(name), `${name} is also ${other}: whoever signs so is both.`);
      seen.set(markOf(one), name);
      if (one.type === 'email' && one.issuer === ISSUER_ALIASES['github-actions'])
        warn(
          findings,
          placeOf(name),
          `github-actions vouches for workflows, not for the address ${one.value}.`,
        );
    }
  }
}

function doubtRules(findings: Findings, { editors, rules }: PolicyFile): void {
  for (const { line, refs, paths, signers: may, merged } of rules) {
    const isAboutBranches = paths.length === 0 && refs.some((pattern) => !pattern.startsWith('refs/tags/'));
    if (isAboutBranches && !editors.some((name) => may.includes(name)))
      warn(
        findings,
        { line, column: 1 },
        'No editor is a signer here: if the policy is read from this ref, nobody can change it.',
      );
    if (merged === '*')
      warn(findings, { line, column: 1 }, 'What anybody wrote comes in by a merge here, also unsigned.');
  }
}

/** What tells identities apart, without their windows. */
function markOf({ validFrom: _from, validUntil: _until, committers: _, ...mark }: SignerIdentity): string {
  return JSON.stringify(mark);
}
