/** The verifier: no input makes it throw, and nothing that is bound may change while the verdict stays good. */

import { toStatus } from '../../../src/cli/gpgStatus.ts';
import { encodeArmor } from '../../../src/core/armor.ts';
import { NO_POLICY } from '../../../src/core/policy.ts';
import type { ObjectFormat, ObjectKind, Verdict } from '../../../src/core/verdict.ts';
import { verifyAttached, verifyObject, verifySignature } from '../../../src/core/verify.ts';
import { derOf, essenceOf, signatureEssence } from '../essence.ts';
import { allObjects, type SeedObject, seedFile, toyObjects, toyTrust } from '../seeds.ts';
import { BrokenPromise, type Target } from '../target.ts';

const HEADERS: Readonly<Record<ObjectFormat, string>> = { sha1: 'gpgsig', sha256: 'gpgsig-sha256' };
const pushPayload = seedFile('push_certificate.payload');
const pushSignature = seedFile('push_certificate.signature');
const pushEssence = JSON.stringify(signatureEssence(derOf(pushSignature.toString('latin1'))));
const trusts = [...new Set(allObjects.map(({ trust }) => trust))];

export const VERIFY: readonly Target[] = [
  objectTarget('commit', (object) => object.kind === 'commit' && object.objectFormat === 'sha1'),
  objectTarget('commit256', (object) => object.kind === 'commit' && object.objectFormat === 'sha256'),
  objectTarget('tag', (object) => object.kind === 'tag'),
  {
    name: 'signature',
    seeds: () => [pushSignature],
    run: (armored) => {
      const verdict = judged(verifySignature(pushPayload, armored, toyTrust, NO_POLICY));
      verifyAttached(armored, toyTrust, NO_POLICY);
      if (verdict.status === 'good') mustBePush(armored.toString('latin1'));
    },
  },
  {
    name: 'cms',
    seeds: () => [derOf(pushSignature.toString('latin1')), ...toyObjects.map(({ raw }) => signatureOf(raw))],
    run: (der) => {
      const armored = encodeArmor(der);
      const verdict = judged(verifySignature(pushPayload, Buffer.from(armored), toyTrust, NO_POLICY));
      if (verdict.status === 'good') mustBePush(armored);
    },
  },
  {
    name: 'payload',
    seeds: () => [pushPayload],
    run: (payload) => {
      const verdict = judged(verifySignature(payload, pushSignature, toyTrust, NO_POLICY));
      if (verdict.status !== 'good' || payload.equals(pushPayload)) return;
      throw new BrokenPromise('good over another payload');
    },
  },
];

/** All good objects of a kind; each is judged under every trust, and good only as one of them. */
function objectTarget(name: string, belongs: (object: SeedObject) => boolean): Target {
  const seeds = allObjects.filter(belongs);
  const [first] = seeds;
  if (first === undefined) throw new Error(`no seeds of ${name}`);
  const { kind, objectFormat } = first;
  const essences = new Set(
    seeds.flatMap(({ raw }) => {
      const essence = essenceOf(raw, kind, HEADERS[objectFormat]);
      return [essence, JSON.stringify({ ...JSON.parse(essence), token: undefined })];
    }),
  );
  const judge = (raw: Buffer) => {
    for (const trust of trusts) {
      const verdict = judged(verifyObject(raw, kind, objectFormat, trust, NO_POLICY));
      if (verdict.status === 'good') mustBeKnown(raw, kind, objectFormat, essences);
    }
    for (const other of ['commit', 'tag'] as const) {
      if (other !== kind) mustNotBeGood(verifyObject(raw, other, objectFormat, toyTrust, NO_POLICY));
    }
  };
  return { name, seeds: () => seeds.map(({ raw }) => raw), run: judge };
}

function mustBeKnown(
  raw: Buffer,
  kind: ObjectKind,
  objectFormat: ObjectFormat,
  essences: ReadonlySet<string>,
): void {
  const essence = essenceOf(raw, kind, HEADERS[objectFormat]);
  if (!essences.has(essence)) throw new BrokenPromise(`good, but changed: ${essence.slice(0, 400)}`);
}

function mustNotBeGood({ status }: Verdict): void {
  if (status === 'good') throw new BrokenPromise('good as another kind of object');
}

function mustBePush(armored: string): void {
  if (JSON.stringify(signatureEssence(derOf(armored))) === pushEssence) return;
  throw new BrokenPromise('good, but the signature is another');
}

/** Holds a verdict to what is promised of every one, and its status lines too. */
function judged(verdict: Verdict): Verdict {
  const failed = Object.values(verdict.checks).filter(({ result }) => result === 'failed');
  if (verdict.status === 'good' && (failed.length > 0 || verdict.reason !== '')) {
    throw new BrokenPromise('good with a failed check or a reason');
  }
  if (verdict.status !== 'good' && verdict.reason === '')
    throw new BrokenPromise(`${verdict.status} without a reason`);
  const options = {
    pushCertificate: false,
    requirePolicy: false,
    untrustedAs: 'errsig',
    sandbox: false,
  } as const;
  const { lines, exitCode } = toStatus(verdict, options);
  for (const line of lines) {
    if (!/^[!-~]+(?: [!-~]+)*$/.test(line))
      throw new BrokenPromise(`a status line that can be misread: ${line}`);
  }
  if ((verdict.status === 'good') !== (exitCode === 0))
    throw new BrokenPromise(`${verdict.status} ends in ${exitCode}`);
  const results = lines.filter((line) => /^(GOOD|BAD|ERR|REVKEY)SIG /.test(line));
  if (results.length !== 1) throw new BrokenPromise(`${results.length} result lines`);
  return verdict;
}

function signatureOf(raw: Buffer): Buffer {
  const text = raw.toString('latin1').replaceAll('\n ', '\n');
  return derOf(text.slice(text.lastIndexOf('-----BEGIN SIGNED MESSAGE-----')));
}
