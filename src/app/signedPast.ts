/** Who signed a history, and how much of it nobody did: what a first policy is proposed from. */
import { claimsOf } from '../core/objectClaims.ts';
import { ISSUER_ALIASES } from '../core/policy/issuers.ts';
import type { Signer } from '../core/verdict.ts';
import type { RawObject } from '../ports.ts';
import type { Judged } from './verifyObjects.ts';

/** One identity or key, and what it has signed. */
export interface FoundSigner {
  /** As a value of `[signers]`. */
  readonly toml: string;
  /** Of a Sigstore signature that is sound. */
  readonly signer?: Signer;
  /** Whoever signed an OpenPGP key only says so. */
  readonly openPgp?: string;
  /** Names and addresses in its committer lines, which nothing proves: the commonest first. */
  readonly committers: readonly string[];
  readonly commits: number;
  readonly tags: number;
  /** Milliseconds: of the newest, as it claims. */
  readonly last: number;
}

export interface SignedPast {
  readonly found: readonly FoundSigner[];
  readonly unsigned: number;
  /** Signed somehow, but neither sound nor by a key that could be listed. */
  readonly doubtful: number;
}

/** What else a signature can be by than a Sigstore identity. */
export interface KeyReading {
  readonly sshKey: (object: RawObject) => string | undefined;
  readonly openPgpKey: (object: RawObject) => string | undefined;
}

/** Goes through a history once. */
export async function collectSigners(objects: AsyncIterable<Judged>, keys: KeyReading): Promise<SignedPast> {
  const found = new Map<string, Tally>();
  let [unsigned, doubtful] = [0, 0];
  for await (const judged of objects) {
    const one = toFound(judged, keys);
    if (one === undefined) {
      if (judged.verdict.status === 'unreadable' && judged.verdict.format === 'none') unsigned += 1;
      else doubtful += 1;
      continue;
    }
    const tally = found.get(one.toml) ?? { ...one, lines: new Map(), commits: 0, tags: 0, last: 0 };
    found.set(one.toml, tally);
    count(tally, judged.object);
  }
  const all = [...found.values()].map(({ lines, ...rest }): FoundSigner => {
    const committers = [...lines].toSorted((a, b) => b[1] - a[1]).map(([line]) => line);
    return { ...rest, committers };
  });
  return { found: all.toSorted((a, b) => b.commits + b.tags - a.commits - a.tags), unsigned, doubtful };
}

type Tally = Pick<FoundSigner, 'toml' | 'signer' | 'openPgp'> & {
  readonly lines: Map<string, number>;
  commits: number;
  tags: number;
  last: number;
};

function toFound(
  { verdict, object }: Judged,
  keys: KeyReading,
): Pick<FoundSigner, 'toml' | 'signer' | 'openPgp'> | undefined {
  if (verdict.status === 'good' || verdict.status === 'untrusted') {
    return { toml: identityToml(verdict.signer), signer: verdict.signer };
  }
  if (verdict.status !== 'unreadable') return undefined;
  const ssh = verdict.format === 'ssh' ? keys.sshKey(object) : undefined;
  if (ssh !== undefined) return { toml: `{ ssh = ${JSON.stringify(ssh)} }` };
  const openPgp = verdict.format === 'pgp' ? keys.openPgpKey(object) : undefined;
  return openPgp === undefined ? undefined : { toml: `openpgp ${openPgp}`, openPgp };
}

function count(tally: Tally, object: RawObject): void {
  if (object.kind === 'tag') tally.tags += 1;
  else tally.commits += 1;
  tally.last = Math.max(tally.last, claimsOf(object.raw).claimedAt);
  const line = committerLine(object.raw);
  if (line !== '') tally.lines.set(line, (tally.lines.get(line) ?? 0) + 1);
}

/** `Name <address>`; a stranger's text. */
function committerLine(raw: Uint8Array): string {
  const text = Buffer.from(raw.buffer, raw.byteOffset, Math.min(raw.length, 4096)).toString('utf8');
  return /^(?:committer|tagger) ([^\n]{1,200}>) \d/m.exec(text.slice(0, text.indexOf('\n\n')))?.[1] ?? '';
}

const SOURCE_REPOSITORY = 12;
const OWNER_ID = 17;

function identityToml({ identity, claims }: Signer): string {
  const { subject, issuer } = identity;
  const own = /^https:\/\/github\.com\/(([\w.-]+\/[\w.-]+)\/\.github\/workflows\/[^@]+@refs\/.+)$/.exec(
    subject.value,
  );
  const owner = claims.get(OWNER_ID);
  if (own !== null && issuer === ISSUER_ALIASES['github-actions'] && owner !== undefined) {
    const [, workflow, repository] = own;
    if (claims.get(SOURCE_REPOSITORY) === `https://github.com/${repository}`)
      return `{ workflow = ${JSON.stringify(workflow)}, claims = { source-repository-owner-identifier = ${JSON.stringify(owner)} } }`;
  }
  const alias = Object.entries(ISSUER_ALIASES).find(([, url]) => url === issuer)?.[0] ?? issuer;
  // TOML's basic strings are JSON's, but for DEL, which no identity has.
  return `{ ${subject.type} = ${JSON.stringify(subject.value)}, issuer = ${JSON.stringify(alias)} }`;
}
