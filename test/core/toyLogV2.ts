/** A Rekor v2 log of one entry in a tree of three, whose parts can be replaced. */
import { createPublicKey, type KeyObject, sign } from 'node:crypto';
import { leafHash, nodeHash } from '../../src/core/merkle.ts';
import type { LogEntry } from '../../src/core/rekorEntry.ts';
import { NOW, sha256, spkiOf } from './toySigstore.ts';

const YEAR = 365 * 86_400_000;

export class ToyLogV2 {
  readonly key: KeyObject;
  readonly origin: string;
  readonly id: Buffer;

  constructor(key: KeyObject, origin = 'log2026.toy.test') {
    this.key = key;
    this.origin = origin;
    this.id = this.keyId(origin);
  }

  /** C2SP signed-note: by kind of key. */
  keyId(name: string): Buffer {
    const spki = spkiOf(this.key);
    switch (createPublicKey(this.key).asymmetricKeyType) {
      case 'ed25519':
        return sha256(Buffer.from(`${name}\n`), Buffer.of(1), spki.subarray(-32));
      case 'rsa':
        return sha256(Buffer.from(`${name}\n`), Buffer.of(0xff), Buffer.from('PKIX-RSA-PKCS#1v1.5'), spki);
      default:
        return sha256(spki);
    }
  }

  sign(text: string): Buffer {
    const algorithm = createPublicKey(this.key).asymmetricKeyType === 'ed25519' ? null : 'sha256';
    return sign(algorithm, Buffer.from(text), this.key);
  }

  inTrustedRoot(validFor: unknown = { start: new Date(NOW.getTime() - YEAR).toISOString() }): unknown {
    return {
      baseUrl: 'https://log2026.toy.test',
      hashAlgorithm: 'SHA2_256',
      publicKey: { rawBytes: spkiOf(this.key).toString('base64'), validFor },
      logId: { keyId: this.id.toString('base64') },
    };
  }

  line(text: string, name = this.origin): string {
    return `— ${name} ${Buffer.concat([this.id.subarray(0, 4), this.sign(text)]).toString('base64')}\n`;
  }

  /** Place 1 of 3, and everything that the log would say of it. */
  makeEntry(body: Uint8Array, { origin = this.origin, witnesses = '' } = {}): LogEntry {
    const siblings = [leafHash(Buffer.from('before')), leafHash(Buffer.from('behind'))] as const;
    const rootHash = nodeHash(nodeHash(siblings[0], leafHash(body)), siblings[1]);
    const text = `${origin}\n3\n${Buffer.from(rootHash).toString('base64')}\n`;
    return {
      body,
      kindVersion: 'hashedrekord 0.0.2',
      logIndex: 1n,
      logId: this.id,
      integratedTime: 0n,
      signedEntryTimestamp: new Uint8Array(0),
      inclusionProof: {
        logIndex: 1n,
        rootHash,
        treeSize: 3n,
        hashes: [...siblings],
        checkpoint: `${text}\n${witnesses}${this.line(text, origin)}`,
      },
    };
  }
}
