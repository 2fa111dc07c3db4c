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
import type { RawObject } from '../../ports.ts';
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

export function factsReader(gate: Pick<Gate, 'repository' | 'judge' | 'judgeKey'>): FactsReader {
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

async function toFacts(judged: Judged, { judgeKey }: Pick<Gate, 'judgeKey'>): Promise<ObjectFacts> {
  const { object } = judged;
  const header =
    object.kind === 'commit'
      ? { commit: parseCommitHeader(object.raw) }
      : { tag: parseTagHeader(object.raw) };
  return {
    oid: object.oid,
    signed: await signedOf(judged, judgeKey),
    judged: { ...judged, object: { ...object, raw: NO_BYTES } },
    ...(header.commit !== undefined && { commit: header.commit }),
    ...(header.tag !== undefined && { tag: header.tag }),
  };
}

const NO_BYTES = new Uint8Array();

async function signedOf(judged: Judged, judgeKey: Gate['judgeKey']): Promise<Signed> {
  const { verdict, object } = judged;
  const { reason } = outcomeOf(judged, FACTS_ONLY);
  if (verdict.status === 'good') return { facts: toSignatureFacts(verdict) };
  if (reason === 'other-format') return (await judgeKey?.(object as RawObject)) ?? { reason };
  return { reason };
}
