/** What services answer. */
import { parseSigningCertificate } from '../../../src/adapters/fulcio.ts';
import { messageOf } from '../../../src/adapters/refusal.ts';
import { parseEntry } from '../../../src/adapters/rekor.ts';
import { encodePem } from '../../../src/core/armor.ts';
import { parseCertificate } from '../../../src/core/certificate.ts';
import { openLogEntry } from '../../../src/core/rekorEntry.ts';
import { at, places, readTree, writeTree } from '../../vectors/attacks/derTree.ts';
import { derOf } from '../essence.ts';
import { recordedBodies, toyObjects, toyTrust } from '../seeds.ts';
import { BrokenPromise, orRefused, type Target } from '../target.ts';

const certificates = toyObjects.slice(0, 3).map(({ raw }) => {
  const text = raw.toString('latin1').replaceAll('\n ', '\n');
  const der = derOf(text.slice(text.lastIndexOf('-----BEGIN SIGNED MESSAGE-----')));
  return encodePem(
    writeTree(at(places(readTree(der)).certificates, 0)),
    '-----BEGIN CERTIFICATE-----',
    '-----END CERTIFICATE-----',
  );
});

const ENTRY = {
  [`2f96a18045953b12${'7c'.repeat(32)}`]: {
    body: Buffer.from('{"kind":"hashedrekord"}').toString('base64'),
    integratedTime: 1_780_315_200,
    logID: toyTrust.logs[0]?.logId,
    logIndex: 2_500_000_000,
    verification: {
      inclusionProof: {
        checkpoint:
          'log.toy.test - 1\n2\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n\n— log.toy.test AAAAAAAA\n',
        hashes: ['02'.repeat(32)],
        logIndex: 1,
        rootHash: '03'.repeat(32),
        treeSize: 2,
      },
      signedEntryTimestamp: Buffer.from('set').toString('base64'),
    },
  },
};

const JSON_TYPE = { 'content-type': 'application/json' };

export const ANSWERS: readonly Target[] = [
  {
    name: 'fulcio',
    seeds: () => [
      Buffer.from(JSON.stringify({ signedCertificateEmbeddedSct: { chain: { certificates } } })),
      ...recordedBodies('fulcio.json', /signingCert/),
    ],
    run: (body) => {
      for (const der of orRefused(() => parseSigningCertificate(body)) ?? [])
        orRefused(() => parseCertificate(der));
    },
  },
  {
    name: 'rekor',
    seeds: () => [Buffer.from(JSON.stringify(ENTRY)), ...recordedBodies('rekor-v1.json', /log\/entries/)],
    run: (body) => {
      const entry = orRefused(() => parseEntry(body));
      if (entry === undefined) return;
      const opened = orRefused(() => openLogEntry(entry, entry.body, toyTrust));
      if (opened !== undefined) throw new BrokenPromise('an entry that nobody signed');
    },
  },
  {
    name: 'refusal',
    seeds: () => [
      Buffer.from('{"code":3,"message":"There was an error processing the identity token","details":[]}'),
      ...recordedBodies('fulcio.json', /./),
      ...recordedBodies('rekor-v1.json', /./),
    ],
    run: (body) => {
      const words = messageOf({ status: 400, headers: JSON_TYPE, body, date: undefined });
      if (!/^[ -~]*$/.test(words) || words.length > 3000)
        throw new BrokenPromise(`not fit to print: ${words}`);
    },
  },
];
