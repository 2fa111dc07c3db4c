/** What is known of objects before any policy: their headers, and the facts of their signatures. Each is judged once. */
import {
  type CommitHeader,
  parseCommitHeader,
  parseTagHeader,
  type TagHeader,
} from '../../core/gate/header.ts';
import type { Signed } from '../../core/policy/mayDo.ts';
import { toSignatureFacts } from '../../core/policy/signature.ts';
import { NO_POLICY } from '../../core/policy.ts';
import type { PlacedPolicy } from '../../ports.ts';
import { type Deciding, outcomeOf } from '../outcome.ts';
import type { Judged } from '../verifyObjects.ts';
import type { Gate } from './gate.ts';

export interface ObjectFacts {
  readonly oid: string;
  readonly signed: Signed;
  /** Without the bytes of the object. */
  readonly judged: Judged;
  readonly commit?: CommitHeader;
  readonly tag?: TagHeader;
}

/** Remembers facts for as long as one push is judged: refs of one push share commits. */
export interface FactsReader {
  read(oids: readonly string[]): Promise<ReadonlyMap<string, ObjectFacts>>;
}

/** Keys are those of the gate's policy. */
export function factsReader(gate: Pick<Gate, 'repository' | 'judge' | 'judgeKey' | 'policy'>): FactsReader {
  const known = new Map<string, ObjectFacts>();
  return {
    read: async (oids) => {
      const wanted = [...new Set(oids)].filter((oid) => !known.has(oid)).map((oid) => ({ oid }));
      if (wanted.length > 0) {
        for await (const judged of gate.judge(gate.repository.objects(wanted))) {
          known.set(judged.object.oid, await toFacts(judged, gate));
        }
      }
      return new Map(oids.map((oid) => [oid, known.get(oid) ?? missing(oid)]));
    },
  };
}

function missing(oid: string): never {
  throw new Error(`nothing was said about ${oid}`);
}

/** No policy, no demand: what is sound comes out as `no-policy`. */
const FACTS_ONLY: Deciding = {
  demand: undefined,
  policy: NO_POLICY,
  requirePolicy: false,
  allowUnsigned: false,
};

async function toFacts(judged: Judged, gate: Pick<Gate, 'judgeKey' | 'policy'>): Promise<ObjectFacts> {
  const { object } = judged;
  const header =
    object.kind === 'commit'
      ? { commit: parseCommitHeader(object.raw) }
      : { tag: parseTagHeader(object.raw) };
  return {
    oid: object.oid,
    signed: await signedOf(judged, gate),
    judged: { ...judged, object: { ...object, raw: NO_BYTES } },
    ...(header.commit !== undefined && { commit: header.commit }),
    ...(header.tag !== undefined && { tag: header.tag }),
  };
}

const NO_BYTES = new Uint8Array();

async function signedOf(
  judged: Judged,
  { judgeKey, policy }: Pick<Gate, 'judgeKey' | 'policy'>,
): Promise<Signed> {
  const { verdict, object } = judged;
  const { reason } = outcomeOf(judged, FACTS_ONLY);
  if (verdict.status === 'good') return { facts: toSignatureFacts(verdict) };
  if (reason === 'other-format') return (await judgeKey(object, policy)) ?? { reason };
  return { reason };
}

/** The same facts, with the keys of a policy that came later: what was signed by none that was known is looked at again. */
export async function withKeysOf(
  policy: PlacedPolicy,
  commits: readonly ObjectFacts[],
  { repository, judgeKey }: Pick<Gate, 'repository' | 'judgeKey'>,
): Promise<readonly ObjectFacts[]> {
  const wanted = commits.filter(({ signed }) => 'reason' in signed && signed.reason === 'other-format');
  if (wanted.length === 0) return commits;
  const known = new Map<string, Signed>();
  for await (const object of repository.objects(wanted.map(({ oid }) => ({ oid })))) {
    const signed = await judgeKey(object, policy);
    if (signed !== undefined) known.set(object.oid, signed);
  }
  return commits.map((one) => ({ ...one, signed: known.get(one.oid) ?? one.signed }));
}
