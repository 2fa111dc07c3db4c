/** RSA keys are whatever somebody writes into a certificate: of those that OpenSSL takes, not all are taken. */
import { createPublicKey, generateKeyPairSync, sign } from 'node:crypto';
import { expect, test } from 'vitest';
import { parseDer } from '../../src/core/der.ts';
import { importKey, isSignedBy } from '../../src/core/keys.ts';

const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const { n = '' } = publicKey.export({ format: 'jwk' });
const text = Buffer.from('text');
const signature = sign('sha256', text, privateKey);

function judgeWith(exponent: Uint8Array, modulus = n): string {
  const e = Buffer.from(exponent).toString('base64url');
  const key = createPublicKey({ key: { kty: 'RSA', n: modulus, e }, format: 'jwk' });
  const imported = importKey(parseDer(key.export({ format: 'der', type: 'spki' })));
  try {
    return isSignedBy(imported, text, signature) ? 'right' : 'wrong';
  } catch (error) {
    return (error as Error).message;
  }
}

test('the usual exponent is taken, and one that costs time or binds nothing is not', () => {
  expect(judgeWith(Buffer.of(1, 0, 1))).toBe('right');
  expect(judgeWith(Buffer.of(3))).toBe('wrong');
  const long = Buffer.from(n, 'base64url').fill(1, 0, 1);
  // OpenSSL itself computes with it, 17 ms for each signature.
  for (const exponent of [long, Buffer.alloc(9, 1), Buffer.of(1)]) {
    expect(judgeWith(exponent)).toBe('the public key cannot be used');
  }
});

test.each([1024, 2040, 8200])('%i bits are the wrong size', (modulusLength) => {
  const modulus = Buffer.alloc(modulusLength / 8, 0xa5).toString('base64url');
  expect(judgeWith(Buffer.of(1, 0, 1), modulus)).toBe('the public key cannot be used');
});
