import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { bundleToJSON } from '@sigstore/bundle';
import { TrustedRoot } from '@sigstore/protobuf-specs';
import { FulcioSigner, MessageSignatureBundleBuilder, RekorWitness } from '@sigstore/sign';
import { toSignedEntity, toTrustMaterial, Verifier } from '@sigstore/verify';
import { expect, test } from 'vitest';
import { startSandbox } from '../../src/sandbox/sandbox.ts';
import { ownSandbox } from './own.ts';

const { folder, sandbox } = await ownSandbox();

const DATA = Buffer.from('what is signed\n');

async function signBlob(email: string) {
  const signer = new FulcioSigner({
    fulcioBaseURL: sandbox.fulcioUrl,
    identityProvider: { getToken: async () => sandbox.mintIdToken(email) },
    retry: false,
  });
  const witness = new RekorWitness({ rekorBaseURL: sandbox.rekorUrl, retry: false });
  return new MessageSignatureBundleBuilder({ signer, witnesses: [witness] }).create({ data: DATA });
}

function verifier(trustedRoot = readFileSync(sandbox.trustedRootPath, 'utf8')) {
  const material = toTrustMaterial(TrustedRoot.fromJSON(JSON.parse(trustedRoot)));
  return new Verifier(material, { ctlogThreshold: 1, tlogThreshold: 1 });
}

test('the sigstore client signs with the sandbox and verifies under its trusted root', async () => {
  const bundle = await signBlob('alice@example.com');
  // So that the next entry's proof is over a tree with more than one leaf.
  const second = await signBlob('bob@example.com');
  for (const [each, email] of [
    [bundle, 'alice@example.com'],
    [second, 'bob@example.com'],
  ] as const) {
    const signer = verifier().verify(toSignedEntity(each, DATA));
    expect(signer.identity?.subjectAlternativeName).toBe(email);
    expect(signer.identity?.extensions?.issuer).toBe(sandbox.issuer);
  }
  expect(bundleToJSON(second).verificationMaterial?.tlogEntries?.[0]?.logIndex).toBe('1');
  expect(() => verifier().verify(toSignedEntity(bundle, Buffer.from('something else\n')))).toThrow();
});

test('another sandbox does not vouch for it', async () => {
  const bundle = await signBlob('alice@example.com');
  const other = await startSandbox({ stateDir: join(folder, 'other') });
  try {
    const foreign = readFileSync(other.trustedRootPath, 'utf8');
    expect(() => verifier(foreign).verify(toSignedEntity(bundle, DATA))).toThrow();
    expect(verifier().verify(toSignedEntity(bundle, DATA)).identity).toBeDefined();
  } finally {
    await other.stop();
  }
});
