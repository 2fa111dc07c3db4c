/** The shared corpora as values; absent ones give undefined and the test says so. */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { parseTrustedRoot, type Trust } from '../../src/core/trustedRoot.ts';
import type { ObjectFormat, ObjectKind } from '../../src/core/verdict.ts';
import { sharedPath } from '../shared.ts';

export interface CorpusObject {
  readonly id: string;
  readonly kind: ObjectKind;
  readonly objectFormat: ObjectFormat;
  readonly raw: Buffer;
  readonly expected: string;
  /** Case code, class or description. */
  readonly what: string;
}

interface Row {
  id: string;
  kind: ObjectKind;
  objectFormat?: ObjectFormat;
  raw_base64: string;
  expected?: string;
  what?: string;
  mutation?: string;
  synthetic?: string;
  class?: string;
}

export function readCorpus(name: string): readonly CorpusObject[] {
  const path = sharedPath(name);
  if (path === undefined) return [];
  const bytes = readFileSync(path);
  const text = (name.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8');
  return text
    .trimEnd()
    .split('\n')
    .map((line) => toObject(JSON.parse(line) as Row));
}

export function readTrust(name: string): Trust {
  const path = sharedPath(name);
  if (path === undefined) throw new Error(`${name} is absent`);
  return parseTrustedRoot(readFileSync(path));
}

export const hasCorpus = sharedPath('corpus/README.md') !== undefined;
if (!hasCorpus) console.warn('skipped: the shared corpora are absent');

function toObject(row: Row): CorpusObject {
  return {
    id: row.id,
    kind: row.kind,
    objectFormat: row.objectFormat ?? 'sha1',
    raw: Buffer.from(row.raw_base64, 'base64'),
    expected: row.expected ?? '',
    what: row.mutation ?? row.synthetic ?? row.what ?? row.class ?? '',
  };
}
