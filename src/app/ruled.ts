/**
 * What a policy file says of objects beyond their Sigstore signatures: commits that it exempts, signatures by its SSH and
 * OpenPGP keys, merges by its forges. git's own call sees neither ids, nor keys, nor the repository.
 */
import { createHash } from 'node:crypto';
import { parseCommitHeader } from '../core/gate/header.ts';
import { claimsOf, isTagOf } from '../core/objectClaims.ts';
import { rulingOn, type SeenCommit } from '../core/policy/knownSigner.ts';
import type { Signed } from '../core/policy/mayDo.ts';
import { type SignatureFacts, toSignatureFacts } from '../core/policy/signature.ts';
import type { PolicyFile } from '../core/policyFile.ts';
import type { Reason } from '../core/reasons.ts';
import type { GateReader, KeyJudging, PlacedPolicy } from '../ports.ts';
import { type Judged, MAX_HELD_BYTES } from './verifyObjects.ts';

/** What holds in the place of the verdict's own reason. */
export interface Ruled {
  readonly reason: Reason;
  /** Whose key it is: the name in the policy, where it is somebody's of it, and the key as its own programs show it. */
  readonly key?: { readonly type: 'ssh' | 'openpgp'; readonly fingerprint: string; readonly name?: string };
  /** A later commit, signed with a time that is proven, shows that a key signed before this. */
  readonly before?: Date;
  /** Why it is exempt, as the policy says. */
  readonly why?: string;
}

export type RuledObject = Judged & { readonly ruled?: Ruled };

export interface RulingPorts {
  readonly policy: PlacedPolicy;
  readonly judgeKey: KeyJudging;
  readonly repository: Pick<GateReader, 'mergedTrees'>;
}

/** Whether a policy says anything that judging Sigstore signatures by it does not ask already. */
export function saysMore({ signers, exempt }: PolicyFile): boolean {
  return exempt.length > 0 || signers.some(({ forge }) => forge) || hasKeys({ signers });
}

function hasKeys({ signers }: Pick<PolicyFile, 'signers'>): boolean {
  return signers.some(({ identities }) =>
    identities.some(({ type }) => type === 'ssh' || type === 'openpgp'),
  );
}

/** Objects that are looked at together, so that git is asked about their merges once. */
const TOGETHER = 32;

/** Adds it. Children come before their parents, or nothing bounds the time of what a key signed. */
export async function* ruleObjects(
  objects: AsyncIterable<Judged>,
  ports: RulingPorts,
): AsyncGenerator<RuledObject> {
  const bounds = new Map<string, Date>();
  let waiting: Judged[] = [];
  let bytes = 0;
  for await (const judged of objects) {
    waiting.push(judged);
    bytes += judged.object.raw.length;
    if (waiting.length < TOGETHER && bytes < MAX_HELD_BYTES) continue;
    yield* await ruleSome(waiting, bounds, ports);
    waiting = [];
    bytes = 0;
  }
  yield* await ruleSome(waiting, bounds, ports);
}

async function ruleSome(
  objects: readonly Judged[],
  bounds: Map<string, Date>,
  ports: RulingPorts,
): Promise<readonly RuledObject[]> {
  const { policy } = ports;
  const asksTime = hasKeys(policy.file);
  const ruled: (Ruled | undefined)[] = [];
  const forges: { readonly place: number; readonly facts: SignatureFacts }[] = [];
  for (const [place, judged] of objects.entries()) {
    const before = bounds.get(judged.object.oid);
    const found = exemptionOf(judged, policy.file) ?? (await ruleByKey(judged, before, ports));
    const facts = found === undefined ? forgeFacts(judged) : found.facts;
    if (facts !== undefined) forges.push({ place, facts });
    ruled.push(found?.ruled);
    if (asksTime) passTime(judged, bounds);
  }
  const seen = await look(
    forges.map(({ place }) => objects[place] as Judged),
    ports.repository,
  );
  for (const [at, { place, facts }] of forges.entries()) {
    const { object } = objects[place] as Judged;
    const { reason } = rulingOn(facts, object.raw, policy.file, seen[at]);
    ruled[place] = { ...ruled[place], reason };
  }
  return objects.map((judged, place) => {
    const one = ruled[place];
    return one === undefined ? judged : { ...judged, ruled: one };
  });
}

/** With facts, where a forge made the signature: what it may is seen in the repository. */
interface RuledSoFar {
  readonly ruled: Ruled;
  readonly facts?: SignatureFacts;
}

function exemptionOf({ object }: Judged, { exempt }: PolicyFile): RuledSoFar | undefined {
  if (object.kind !== 'commit' || object.problem !== undefined) return undefined;
  const one = exempt.find(({ commits }) => commits.includes(object.oid));
  return one && { ruled: { reason: 'exempt', why: one.reason } };
}

async function ruleByKey(
  judged: Judged,
  before: Date | undefined,
  { policy, judgeKey }: RulingPorts,
): Promise<RuledSoFar | undefined> {
  const { object, verdict } = judged;
  if (object.problem !== undefined || verdict.status !== 'unreadable') return undefined;
  if (verdict.format !== 'ssh' && verdict.format !== 'pgp') return undefined;
  const signed = await judgeKey(object, policy);
  if (signed === undefined) return undefined;
  if ('reason' in signed)
    return signed.reason === 'other-format' ? undefined : { ruled: { reason: signed.reason } };
  const facts = before === undefined ? signed.facts : { ...signed.facts, at: before };
  const ruling = rulingOn(facts, object.raw, policy.file);
  const reason = isRenamed(judged) ? 'tag-name-mismatch' : ruling.reason;
  const key = keyOf(signed, ruling.signer);
  const ruled: Ruled = { reason, ...(key && { key }), ...(before && { before }) };
  return reason === 'forge-unchecked' ? { ruled, facts } : { ruled };
}

/** As judging has it for our own signatures. */
function isRenamed({ object }: Judged): boolean {
  if (object.kind !== 'tag' || !object.ref?.startsWith('refs/tags/')) return false;
  return !isTagOf(claimsOf(object.raw).tag, object.ref);
}

function keyOf(signed: Signed, name: string | undefined): Ruled['key'] {
  if ('reason' in signed || signed.facts.type === 'sigstore') return undefined;
  const { facts } = signed;
  const named = name === undefined ? {} : { name };
  if (facts.type === 'openpgp') return { type: 'openpgp', fingerprint: facts.fingerprint, ...named };
  const bytes = Buffer.from(facts.key.split(' ')[1] ?? '', 'base64');
  const digest = createHash('sha256').update(bytes).digest('base64').replace(/=+$/, '');
  return { type: 'ssh', fingerprint: `SHA256:${digest}`, ...named };
}

function forgeFacts({ verdict }: Judged): SignatureFacts | undefined {
  const isForges = verdict.status === 'untrusted' && verdict.denial === 'forge-unchecked';
  return isForges ? toSignatureFacts(verdict) : undefined;
}

/** A commit holds the names of its parents: they were there when it was signed. */
function passTime({ object, verdict }: Judged, bounds: Map<string, Date>): void {
  const own = verdict.status === 'good' && verdict.policy === 'allowed' ? verdict.signedAt : undefined;
  const above = bounds.get(object.oid);
  bounds.delete(object.oid);
  const at = earlier(own, above);
  if (at === undefined || object.kind !== 'commit' || object.problem !== undefined) return;
  for (const parent of parseCommitHeader(object.raw)?.parents ?? []) {
    bounds.set(parent, earlier(at, bounds.get(parent)) ?? at);
  }
}

function earlier(a: Date | undefined, b: Date | undefined): Date | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return a < b ? a : b;
}

async function look(
  objects: readonly Judged[],
  { mergedTrees }: RulingPorts['repository'],
): Promise<readonly SeenCommit[]> {
  const headers = objects.map(({ object }) =>
    object.kind === 'commit' ? parseCommitHeader(object.raw) : undefined,
  );
  const pairs = headers.flatMap((header) => {
    const [first, second, ...more] = header?.parents ?? [];
    return first !== undefined && second !== undefined && more.length === 0 ? [[first, second] as const] : [];
  });
  const trees = [...(await mergedTrees(pairs))];
  return headers.map((header, place): SeenCommit => {
    const isMerge = header?.parents.length === 2;
    const tree = isMerge ? trees.shift() : undefined;
    const cleanMerge = tree !== undefined && tree === header?.tree;
    return { oid: objects[place]?.object.oid ?? '', author: header?.author, cleanMerge };
  });
}
