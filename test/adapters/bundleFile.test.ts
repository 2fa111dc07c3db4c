/** Bundle files by strangers: too large, too deep, with two answers to one question. Everything is in test/vectors. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseBundle } from '../../src/adapters/bundle.ts';
import { makeBundle } from '../../src/app/bundle.ts';
import { encodeBundle } from '../../src/core/bundle.ts';
import { isSound } from '../../src/core/facts.ts';
import { MAX_BUNDLE_BYTES } from '../../src/core/limits.ts';
import { parseTrustedRoot } from '../../src/core/trustedRoot.ts';
import { examineObject } from '../../src/core/verify.ts';
import type { RawObject } from '../../src/ports.ts';

const read = (name: string) => readFileSync(resolve('test/vectors', name));
const trust = parseTrustedRoot(read('attacks/trusted_root.json'));

function bundleText(name: string): string {
  const object: RawObject = { oid: '', kind: 'commit', objectFormat: 'sha1', raw: read(`seeds/${name}`) };
  const found = examineObject(object.raw, 'commit', 'sha1', trust);
  if (!isSound(found)) throw new Error(`${name} is not sound`);
  return encodeBundle(makeBundle(object, found.proof, trust).bundle);
}

const good = bundleText('rekor_v2.commit');
const parsed = parseBundle(Buffer.from(good));

function outcome(text: string): string {
  try {
    expect(parseBundle(Buffer.from(text))).toEqual(parsed);
    return 'the same bundle';
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

const edited = (from: string | RegExp, to: string): string => {
  const text = good.replace(from, to);
  expect(text).not.toBe(good);
  return text;
};
const padded = (bytes: number): string => good + ' '.repeat(bytes - Buffer.byteLength(good));

test('is read as it was written, white space aside', () => {
  expect(outcome(JSON.stringify(JSON.parse(good), undefined, 2))).toBe('the same bundle');
});

describe('size and depth', () => {
  test('a mebibyte is read, a byte more is not', () => {
    expect(outcome(padded(MAX_BUNDLE_BYTES))).toBe('the same bundle');
    expect(outcome(padded(MAX_BUNDLE_BYTES + 1))).toBe('The bundle has more than 1 MiB.');
  });

  test.each([
    ['lists', '[', ']'],
    ['objects', '{"":', '}'],
  ])('a hundred thousand nested %s are refused, not followed', (_what, open, close) => {
    const deep = `${open.repeat(100_000)}0${close.repeat(100_000)}`;
    expect(outcome(edited(/^\{/, `{"deep":${deep},`))).toMatch(
      /^The bundle (has the unknown field "?deep|is not JSON)/,
    );
  });

  test('nine log entries and nine timestamps are too many', () => {
    const many = (name: string) =>
      edited(new RegExp(`"${name}":\\[(.*?\\})\\]`), `"${name}":[${Array(9).fill('{}').join()}]`);
    expect(outcome(many('rfc3161Timestamps'))).toMatch(/has more than 8 elements in "rfc3161Timestamps"/);
    const entries = JSON.parse(good);
    entries.verificationMaterial.tlogEntries = Array(9).fill(entries.verificationMaterial.tlogEntries[0]);
    expect(outcome(JSON.stringify(entries))).toMatch(/has more than 8 elements in "tlogEntries"/);
  });
});

describe('a field that others may know', () => {
  test.each([
    ['at the top', /^\{/],
    ['beside the certificate', /"verificationMaterial":\{/],
    ['in the certificate', /"certificate":\{/],
    ['in an entry', /"tlogEntries":\[\{/],
    ['in its log id', /"logId":\{/],
    ['in its kind', /"kindVersion":\{/],
    ['in the proof', /"inclusionProof":\{/],
    ['in the checkpoint', /"checkpoint":\{/],
    ['beside the timestamps', /"timestampVerificationData":\{/],
    ['in a timestamp', /"rfc3161Timestamps":\[\{/],
    ['in the digest', /"messageDigest":\{/],
  ])('%s', (_what, place) => {
    expect(outcome(edited(place, '$&"more":1,'))).toBe('The bundle has the unknown field "more".');
    expect(outcome(edited(place, '$&"constructor":1,'))).toMatch(/unknown field "constructor"/);
  });
});

describe('two fields of one name', () => {
  const TWICE = 'The bundle has two fields of the same name.';
  test.each([
    ['at the top', /^\{/, '{"mediaType":"x",'],
    ['with the same value', /"logIndex":("\d+")/, '"logIndex":$1,"logIndex":$1'],
    ['written otherwise', /"signature":"/, '"signatur\\u0065":"AAAA","signature":"'],
    ['in the proof', /"rootHash":/, '"rootHash":"AAAA","rootHash":'],
    ['behind white space', /"digest":"/, '"digest" \n\t:"AAAA","digest":"'],
  ])('%s', (_what, from, to) => {
    expect(outcome(edited(from, to))).toBe(TWICE);
  });

  test('but not what only looks like one inside a text', () => {
    const text = JSON.stringify({ ...JSON.parse(good), mediaType: 'x":"y","mediaType":"z' });
    expect(outcome(text)).toMatch(/^The bundle is of the kind /);
  });

  test('nor one of a prototype', () => {
    expect(outcome(edited(/^\{/, '{"__proto__":{"mediaType":"x"},'))).toMatch(/unknown field "?__proto__/);
  });
});
