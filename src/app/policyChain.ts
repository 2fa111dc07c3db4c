/** From a trusted commit to the newest: each change of the policy on the way has to be signed by an editor of the policy before it. */

import { MAX_POLICY_BYTES, MAX_POLICY_COMMITS } from '../core/limits.ts';
import { isByEditor } from '../core/policy/mayDo.ts';
import { POLICY_FILE_NAME, type PolicyFile } from '../core/policyFile.ts';
import { REASONS, type Reason } from '../core/reasons.ts';
import { SignetError } from '../errors.ts';
import type { GateReader } from '../ports.ts';
import type { FactsReader } from './gate/commitFacts.ts';

/** A policy, and the commit that it is believed at. */
export interface TrustedPolicy {
  readonly commit: string;
  readonly policy: PolicyFile;
}

export interface Followed extends TrustedPolicy {
  /** Commits that changed it, oldest first. */
  readonly changes: readonly string[];
}

export interface ChainPorts {
  readonly repository: GateReader;
  readonly facts: FactsReader;
  /** Says in a sentence why it is no policy. */
  readonly parsePolicy: (bytes: Uint8Array) => Promise<PolicyFile | string>;
}

/** Throws SignetError `refused-payload` at the first change that nobody may have made: all before it stays what counts. */
export async function followPolicy(from: TrustedPolicy, tip: string, ports: ChainPorts): Promise<Followed> {
  const { repository, facts } = ports;
  const line = (await repository.firstParents(tip, [from.commit], MAX_POLICY_COMMITS)).toReversed();
  if (line.length > MAX_POLICY_COMMITS) throw refused(tip, 'too-many-commits');
  const isConnected = line.length === 0 ? tip === from.commit : line[0]?.parents[0] === from.commit;
  if (!isConnected) throw leftLine(from.commit, tip);
  const changed = await repository.changes(
    line.map(({ oid, parents }) => ({ commit: oid, parent: parents[0] })),
    POLICY_FILE_NAME,
  );
  const changes = line.map(({ oid }) => oid).filter((oid) => (changed.get(oid) ?? []).length > 0);
  const known = changes.length === 0 ? new Map() : await facts.read(changes);
  let { policy } = from;
  for (const oid of changes) {
    const signed = known.get(oid)?.signed ?? { reason: 'missing' };
    if (!isByEditor(signed, policy)) {
      throw refused(oid, 'reason' in signed ? signed.reason : 'policy-change-denied');
    }
    policy = await readPolicyAt(oid, ports);
  }
  return { commit: tip, policy, changes };
}

/** The policy of a commit. Throws SignetError `config`. */
export async function readPolicyAt(
  commit: string,
  { repository, parsePolicy }: Pick<ChainPorts, 'repository' | 'parsePolicy'>,
): Promise<PolicyFile> {
  const bytes = await repository.file(commit, POLICY_FILE_NAME, MAX_POLICY_BYTES);
  const policy = bytes === undefined ? 'There is none.' : await parsePolicy(bytes);
  if (typeof policy !== 'string') return policy;
  throw new SignetError(
    'config',
    `The policy in ${commit} cannot be used: ${policy}`,
    'An editor has to put it right with a further commit, and you to trust that one.',
  );
}

function refused(oid: string, reason: Reason): SignetError {
  return new SignetError(
    'refused-identity',
    `The policy is not followed to ${oid}: ${REASONS[reason].text}.`,
    'What was trusted before still counts. If you know better, trust a later commit by its id: git-signet policy trust OID',
  );
}

function leftLine(from: string, tip: string): SignetError {
  return new SignetError(
    'config',
    `${from} is not on the first-parent line that leads to ${tip}.`,
    'The ref was rewritten, or it is not the ref that the policy is read from.',
  );
}
