/** Which policy holds, by the first place that has one: a file outside the repository, the policy ref, `signet.allow`. */
import { dirname } from 'node:path';
import { MAX_POLICY_BYTES } from '../../core/limits.ts';
import type { Policy } from '../../core/policy.ts';
import { POLICY_FILE_NAME, type PolicyFile } from '../../core/policyFile.ts';
import type { Trust } from '../../core/trustedRoot.ts';
import { SignetError } from '../../errors.ts';
import type { GateReader, PlacedPolicy } from '../../ports.ts';
import { parseAllow } from '../allow.ts';
import { readAllow } from '../config.ts';
import type { Settings } from '../settings.ts';
import type { GateSettings } from './gateSettings.ts';

/** A policy, or the ref that is to have one: nobody has pushed it yet. */
export type LoadedPolicy = (PlacedPolicy & { readonly ref?: string }) | { readonly unborn: string };

export interface PolicyPlaces {
  readonly settings: Settings;
  readonly gate: GateSettings;
  readonly repository: GateReader;
  readonly trust: Trust;
}

/** Throws SignetError `config` where there is none, or the first one cannot be read: the next is no way out then. */
export async function loadPolicy({ settings, gate, repository, trust }: PolicyPlaces): Promise<LoadedPolicy> {
  const { policyFile, policyRef } = gate;
  if (policyFile !== undefined) {
    const { readPolicyFile } = await import('../policy/outsidePolicy.ts');
    return { file: readPolicyFile(policyFile), folder: dirname(policyFile) };
  }
  if (policyRef !== undefined) {
    const commit = (await repository.refs()).get(policyRef)?.oid;
    if (commit === undefined) return { unborn: policyRef };
    const bytes = await repository.file(commit, POLICY_FILE_NAME, MAX_POLICY_BYTES);
    if (bytes === undefined) throw noPolicy(`${policyRef} has no ${POLICY_FILE_NAME}.`);
    if (bytes === 'too-large') throw noPolicy(`${policyRef}:${POLICY_FILE_NAME} is larger than 256 KiB.`);
    return { file: await parseOrThrow(bytes, `${policyRef}:${POLICY_FILE_NAME}`), ref: policyRef, commit };
  }
  const allowed = parseAllow(readAllow(settings));
  if (allowed.kind !== 'allow') throw noPolicy('No policy says who may push here.');
  return { file: toPolicyFile(allowed, trust) };
}

/** A policy file from its bytes, or in a sentence why it is none. */
export async function parsePolicyBytes(bytes: Uint8Array): Promise<PolicyFile | string> {
  const { parsePolicy } = await import('../policy/parsePolicy.ts');
  const { policy, problems } = parsePolicy(bytes);
  if (policy !== undefined) return policy;
  const [first] = problems;
  return first === undefined ? 'it cannot be read' : `line ${first.line}: ${first.message}`;
}

async function parseOrThrow(bytes: Uint8Array, name: string): Promise<PolicyFile> {
  const policy = await parsePolicyBytes(bytes);
  if (typeof policy !== 'string') return policy;
  throw new SignetError(
    'config',
    `The policy ${name} cannot be used: ${policy}`,
    'Run git-signet policy check.',
  );
}

function noPolicy(message: string): SignetError {
  return new SignetError(
    'config',
    message,
    'In CI name its ref with --policy-ref, on a server run git-signet hook install; or set signet.policy.',
  );
}

/** Whoever is listed may sign every commit, under whichever trusted root is configured. */
function toPolicyFile({ identities }: Extract<Policy, { kind: 'allow' }>, trust: Trust): PolicyFile {
  return {
    version: 1,
    instances: trust.certificateAuthorities.map((authority) => authority.root().instance),
    editors: [],
    default: 'signed',
    committer: 'off',
    signers: identities.map(({ subject, issuer }) => ({
      name: subject.value,
      forge: false,
      identities: [{ ...subject, issuer, claims: [], committers: [] }],
    })),
    rules: [],
    revocations: [],
    exempt: [],
  };
}
