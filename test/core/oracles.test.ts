/** Others judge the same bytes: openssl, pkijs and @noble/curves; and our encoders write what gitsign wrote. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { p256 } from '@noble/curves/nist.js';
import { fromBER } from 'asn1js';
import { ContentInfo, SignedData } from 'pkijs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { encodeArmor, parseArmor } from '../../src/core/armor.ts';
import { encodeCms, encodeSignedAttrs, parseCms } from '../../src/core/cms.ts';
import { contentOf, encodedOf, OCTET_STRING, timeOf } from '../../src/core/der.ts';
import { splitObject } from '../../src/core/gitObject.ts';
import { LOG_ENTRY, SIGNING_TIME } from '../../src/core/oids.ts';
import { parseTransparencyLogEntry } from '../../src/core/rekorEntry.ts';
import { toCertificate } from '../../src/core/x509.ts';
import { type CorpusObject, hasCorpus, readCorpus } from './corpus.ts';
import { sha256 } from './toySigstore.ts';

interface Parts {
  readonly payload: Uint8Array;
  readonly der: Uint8Array;
  readonly armored: Uint8Array;
}

function partsOf({ raw, kind, objectFormat }: CorpusObject): Parts {
  const { payload, signature } = splitObject(raw, kind, objectFormat);
  if (signature === undefined) throw new Error('not signed');
  return { payload, der: parseArmor(signature), armored: signature };
}

describe.runIf(hasCorpus)('beside others', () => {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'signet-oracles-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));
  const objects = hasCorpus ? readCorpus('corpus/signatures.jsonl.gz') : [];
  const offline = objects.filter(({ expected }) => expected === 'valid-offline');

  test('our encoders write every offline signature byte for byte as gitsign did', () => {
    expect(offline.length).toBe(126);
    for (const object of offline) {
      const { der, payload, armored } = partsOf(object);
      const cms = parseCms(der);
      const [certificate] = cms.certificates;
      const entry = contentOf(cms.unsignedAttrs.get(LOG_ENTRY), OCTET_STRING, 'the entry');
      const signingTime = new Date(timeOf(cms.signedAttrs.get(SIGNING_TIME), 'it'));
      const signedAttrs = encodeSignedAttrs(sha256(payload), signingTime);
      expect(Buffer.from(signedAttrs)).toEqual(Buffer.from(cms.artifact));
      const again = encodeCms({
        signedAttrs,
        certificate: certificate ? encodedOf(certificate) : new Uint8Array(0),
        signature: cms.signature,
        logEntry: { ...parseTransparencyLogEntry(entry), body: new Uint8Array(0) },
      });
      expect(Buffer.from(again).toString('hex')).toBe(Buffer.from(der).toString('hex'));
      expect(encodeArmor(again)).toBe(Buffer.from(armored).toString('latin1'));
    }
  });

  test('openssl verifies the CMS over our payload, and not over another', () => {
    const verify = (payload: Uint8Array, der: Uint8Array) => {
      writeFileSync(join(folder, 'payload'), payload);
      writeFileSync(join(folder, 'cms'), der);
      const argv = 'cms -verify -binary -inform DER -noverify -in cms -content payload -out out'.split(' ');
      execFileSync('openssl', argv, { cwd: folder, stdio: 'pipe' });
    };
    for (const object of [offline[0], offline.at(-1), objects.find(({ kind }) => kind === 'tag')]) {
      if (object === undefined) throw new Error('the corpus has no such object');
      const { payload, der } = partsOf(object);
      expect(() => verify(payload, der)).not.toThrow();
      expect(() => verify(Buffer.concat([payload, Buffer.of(10)]), der)).toThrow();
    }
  });

  test('pkijs reads the same certificate, attributes and signature', () => {
    for (const object of objects.filter((_, place) => place % 40 === 0)) {
      const { der } = partsOf(object);
      const cms = parseCms(der);
      const content = new ContentInfo({ schema: fromBER(Uint8Array.from(der)).result });
      const signed = new SignedData({ schema: content.content });
      const [signer] = signed.signerInfos;
      expect(signed.certificates).toHaveLength(cms.certificates.length);
      expect(Buffer.from(signer?.signature.valueBlock.valueHexView ?? [])).toEqual(
        Buffer.from(cms.signature),
      );
      expect(signer?.signedAttrs?.attributes.map(({ type }) => type)).toEqual([...cms.signedAttrs.keys()]);
      expect((signer?.unsignedAttrs?.attributes ?? []).map(({ type }) => type)).toEqual([
        ...cms.unsignedAttrs.keys(),
      ]);
    }
  });

  test('@noble/curves agrees about a signature and about a wrong one', () => {
    const object = offline[0];
    if (object === undefined) throw new Error('the corpus is empty');
    const cms = parseCms(partsOf(object).der);
    const [node] = cms.certificates;
    if (node === undefined) throw new Error('no certificate');
    const point = Uint8Array.from(toCertificate(node).spki.subarray(-65));
    const verify = (data: Uint8Array) =>
      p256.verify(Uint8Array.from(cms.signature), Uint8Array.from(data), point, {
        format: 'der',
        lowS: false,
      });
    expect(verify(cms.artifact)).toBe(true);
    expect(verify(Buffer.concat([cms.artifact, Buffer.of(0)]))).toBe(false);
  });
});
