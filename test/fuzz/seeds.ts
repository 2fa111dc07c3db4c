/** Good objects: those of test/vectors, and some of the corpus where it is there. Run in the project's folder. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { parseTrustedRoot, type Trust } from '../../src/core/trustedRoot.ts';
import type { ObjectFormat, ObjectKind } from '../../src/core/verdict.ts';

export interface SeedObject {
  readonly kind: ObjectKind;
  readonly objectFormat: ObjectFormat;
  readonly raw: Buffer;
  readonly trust: Trust;
}

const VECTORS = resolve('test/vectors');
const SHARED = resolve('../shared');

export const toyRoot = readFileSync(join(VECTORS, 'attacks/trusted_root.json'));
export const toyTrust = parseTrustedRoot(toyRoot);

const ENDINGS: Readonly<Record<string, readonly [ObjectKind, ObjectFormat]>> = {
  commit: ['commit', 'sha1'],
  commit256: ['commit', 'sha256'],
  tag: ['tag', 'sha1'],
};

export const toyObjects: readonly SeedObject[] = readdirSync(join(VECTORS, 'seeds')).flatMap((name) => {
  const form = ENDINGS[name.split('.').at(-1) ?? ''];
  if (form === undefined) return [];
  const [kind, objectFormat] = form;
  return [{ kind, objectFormat, raw: seedFile(name), trust: toyTrust }];
});

export function seedFile(name: string): Buffer {
  return readFileSync(join(VECTORS, 'seeds', name));
}

/** Good objects of the corpus: one of each class, none where it is absent. */
export const realObjects: readonly SeedObject[] = [
  ...fromCorpus('corpus/signatures.jsonl.gz', 'corpus/trusted_root.json'),
  ...fromCorpus('corpus/synthetic.jsonl.gz', 'corpus/synthetic.trusted_root.json'),
];

export const allObjects: readonly SeedObject[] = [...toyObjects, ...realObjects];

/** Bodies of recorded answers whose name or path fits. */
export function recordedBodies(file: string, wanted: RegExp): readonly Buffer[] {
  const path = join(SHARED, 'recordings', file);
  if (!existsSync(path)) return [];
  const exchanges = JSON.parse(readFileSync(path, 'utf8')) as readonly Recorded[];
  return exchanges
    .filter(({ name, request }) => wanted.test(`${name} ${request?.path ?? ''}`))
    .flatMap(({ response }) => {
      const text = response?.raw ?? response?.body?.text;
      return text === undefined ? [] : [Buffer.from(text)];
    });
}

interface Recorded {
  readonly name: string;
  readonly request?: { readonly path?: string };
  readonly response?: { readonly raw?: string; readonly body?: { readonly text?: string } };
}

interface Row {
  readonly kind: ObjectKind;
  readonly objectFormat?: ObjectFormat;
  readonly class?: string;
  readonly synthetic?: string;
  readonly expected: string;
  readonly raw_base64: string;
}

function fromCorpus(file: string, root: string): readonly SeedObject[] {
  const path = join(SHARED, file);
  if (!existsSync(path)) return [];
  const trust = parseTrustedRoot(readFileSync(join(SHARED, root)));
  const rows = gunzipSync(readFileSync(path)).toString().trimEnd().split('\n');
  const seen = new Set<string>();
  return rows.flatMap((line) => {
    const row = JSON.parse(line) as Row;
    const name = `${row.class ?? row.synthetic} ${row.kind}`;
    if (row.expected !== 'valid-offline' || seen.has(name)) return [];
    seen.add(name);
    const raw = Buffer.from(row.raw_base64, 'base64');
    return [{ kind: row.kind, objectFormat: row.objectFormat ?? 'sha1', raw, trust }];
  });
}
