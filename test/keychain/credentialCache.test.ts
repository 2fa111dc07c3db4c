/** Over a real store: the hold process. */
import { generateKeyPairSync, type KeyObject, webcrypto } from 'node:crypto';
import 'reflect-metadata';
import * as x509 from '@peculiar/x509';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { stopHold } from '../../src/adapters/keychain/holdClient.ts';
import { startHold } from '../../src/adapters/keychain/startHold.ts';
import {
  type CachedCredential,
  credentialKey,
  encodeCachedCredential,
  loadCredential,
  parseCachedCredential,
  saveCredential,
} from '../../src/app/credentialCache.ts';
import type { CredentialStore, Instance } from '../../src/ports.ts';
import { makePlace, type Place } from './harness.ts';

const NOW = new Date(Math.floor(Date.now() / 1000) * 1000);
const TRUST = 'a'.repeat(64);
const LOGIN = { issuer: 'https://oauth2.example/auth', principal: 'alice@example.com' };
const DEMAND = { now: NOW, trustDigest: TRUST };

let place: Place;
let store: CredentialStore;
let cached: CachedCredential;
let item: Uint8Array;
beforeAll(async () => {
  place = await makePlace();
  store = await startHold(place.program, place.env);
  cached = await makeCached(10 * 60);
  item = encodeCachedCredential(cached);
});
afterAll(async () => {
  await stopHold(place.env);
  place.remove();
});

/** A credential whose certificate ends in so many seconds, as large as a person's real one (0.7 to 0.8 kB). */
async function makeCached(
  seconds: number,
  pair = newPair(),
  namedCurve = 'P-256',
): Promise<CachedCredential> {
  const notAfter = new Date(NOW.getTime() + seconds * 1000);
  const notBefore = new Date(notAfter.getTime() - 10 * 60_000);
  const algorithm = { name: 'ECDSA', namedCurve, hash: 'SHA-256' };
  const pkcs8 = pair.privateKey.export({ type: 'pkcs8', format: 'der' });
  const spki = pair.publicKey.export({ type: 'spki', format: 'der' });
  const certificate = await x509.X509CertificateGenerator.create({
    signingKey: await webcrypto.subtle.importKey('pkcs8', pkcs8, algorithm, false, ['sign']),
    publicKey: await webcrypto.subtle.importKey('spki', spki, algorithm, true, ['verify']),
    notBefore,
    notAfter,
    extensions: [new x509.Extension('1.3.6.1.4.1.57264.1.1', false, new Uint8Array(500))],
  });
  return {
    credential: {
      privateKey: pair.privateKey,
      certificate: new Uint8Array(certificate.rawData),
      identity: {
        subject: { type: 'email', value: 'alice@example.com' },
        issuer: 'https://github.example/login',
      },
      notBefore,
      notAfter,
    },
    login: LOGIN,
    trustDigest: TRUST,
  };
}

function newPair(): { privateKey: KeyObject; publicKey: KeyObject } {
  return generateKeyPairSync('ec', { namedCurve: 'P-256' });
}

describe('items', () => {
  test('come back as they were, within what Windows takes', () => {
    const back = parseCachedCredential(item);
    expect(back?.credential.privateKey.equals(cached.credential.privateKey)).toBe(true);
    const { privateKey: _, ...rest } = back?.credential ?? ({} as never);
    const { privateKey: __, ...expected } = cached.credential;
    expect(rest).toEqual(expected);
    expect(back).toMatchObject({ login: LOGIN, trustDigest: TRUST });
    expect(cached.credential.certificate.length).toBeGreaterThan(700);
    expect(item.length).toBeLessThanOrEqual(2_500);
  });

  test('that are cut or mangled are none, or hold the same key and certificate', () => {
    for (let length = 0; length < item.length; length++) {
      expect(parseCachedCredential(item.subarray(0, length))).toBeUndefined();
    }
    for (let i = 0; i < item.length; i += 3) {
      const mangled = Uint8Array.from(item);
      mangled[i] = (mangled[i] ?? 0) ^ 0x55;
      const parsed = parseCachedCredential(mangled);
      const isSameKey = parsed?.credential.privateKey.equals(cached.credential.privateKey) ?? true;
      expect(isSameKey).toBe(true);
    }
    expect(parseCachedCredential(Buffer.concat([item, Buffer.from([0])]))).toBeUndefined();
  });

  test('whose key, dates or version belong to another are none', async () => {
    const { credential } = cached;
    const other = await makeCached(10 * 60);
    const wrongKey = { ...cached, credential: { ...credential, privateKey: other.credential.privateKey } };
    expect(parseCachedCredential(encodeCachedCredential(wrongKey))).toBeUndefined();
    const p384 = await makeCached(10 * 60, generateKeyPairSync('ec', { namedCurve: 'P-384' }), 'P-384');
    expect(() => encodeCachedCredential(p384)).toThrow('only P-256 keys are kept');
    const wrongEnd = {
      ...cached,
      credential: { ...credential, notAfter: new Date(NOW.getTime() + 3_600_000) },
    };
    expect(parseCachedCredential(encodeCachedCredential(wrongEnd))).toBeUndefined();
    expect(parseCachedCredential(Buffer.concat([Buffer.from([1]), item.subarray(1)]))).toBeUndefined();
  });
});

describe('cache', () => {
  test('gives back what was saved', async () => {
    expect(await saveCredential(store, 'good', cached)).toBe(true);
    const found = await loadCredential(store, 'good', DEMAND);
    expect(found?.certificate).toEqual(cached.credential.certificate);
    expect(await loadCredential(store, 'absent', DEMAND)).toBeUndefined();
  });

  test('a demanded login must be the one of the item', async () => {
    await saveCredential(store, 'login', cached);
    const demanding = (login: typeof LOGIN) => loadCredential(store, 'login', { ...DEMAND, login });
    expect(await demanding(LOGIN)).toBeDefined();
    expect(await demanding({ ...LOGIN, principal: 'bob@example.com' })).toBeUndefined();
    expect(await demanding({ ...LOGIN, issuer: 'https://other.example' })).toBeUndefined();
    expect(await demanding(LOGIN)).toBeDefined();
  });

  test('another trusted root: not used', async () => {
    await saveCredential(store, 'trust', cached);
    expect(await loadCredential(store, 'trust', { ...DEMAND, trustDigest: 'b'.repeat(64) })).toBeUndefined();
    expect(await loadCredential(store, 'trust', DEMAND)).toBeDefined();
  });

  test('not used in its last minute, and removed then', async () => {
    const end = cached.credential.notAfter.getTime();
    const at = (ms: number) => loadCredential(store, 'end', { ...DEMAND, now: new Date(end + ms) });
    await saveCredential(store, 'end', cached);
    expect(await at(-60_000)).toBeDefined();
    expect(await at(-59_999)).toBeUndefined();
    expect(await store.get('end')).toBeUndefined();
  });

  test('not used long before it begins', async () => {
    const begin = cached.credential.notBefore.getTime();
    await saveCredential(store, 'begin', cached);
    const at = (ms: number) => loadCredential(store, 'begin', { ...DEMAND, now: new Date(begin + ms) });
    expect(await at(-5 * 60_000 - 1)).toBeUndefined();
    expect(await at(-5 * 60_000)).toBeDefined();
  });

  test('what cannot be read is removed', async () => {
    await store.set('rubbish', Buffer.from('rubbish'), cached.credential.notAfter);
    expect(await loadCredential(store, 'rubbish', DEMAND)).toBeUndefined();
    expect(await store.get('rubbish')).toBeUndefined();
  });

  test('a store that has gone finds nothing and keeps nothing, without an error', async () => {
    const other = await makePlace();
    const gone = await startHold(other.program, other.env);
    expect(await saveCredential(gone, 'k', cached)).toBe(true);
    await stopHold(other.env);
    expect(await loadCredential(gone, 'k', DEMAND)).toBeUndefined();
    expect(await saveCredential(gone, 'k', cached)).toBe(false);
    other.remove();
  });
});

describe('key', () => {
  const instance: Instance = {
    fulcioUrl: 'https://fulcio.example',
    rekorUrl: 'https://rekor.example',
    rekorVersion: 1,
    timestampServerUrl: undefined,
    issuer: 'https://oauth2.example/auth',
    clientId: 'sigstore',
    redirectUrl: undefined,
    connectorId: undefined,
    insecureHttp: false,
  };
  const key = credentialKey(instance);

  test('is the same for another log, and a file name', () => {
    const other = {
      rekorUrl: 'https://other.example',
      rekorVersion: 2,
      timestampServerUrl: 'https://tsa.example',
    } as const;
    expect(credentialKey({ ...instance, ...other })).toBe(key);
    expect(key).toMatch(/^[0-9a-f]{64}$/);
  });

  test.each([
    { fulcioUrl: 'https://other.example' },
    { issuer: 'https://other.example' },
    { clientId: 'other' },
    { redirectUrl: 'x' },
    { connectorId: 'x' },
  ])('is another one for %o', (change) => expect(credentialKey({ ...instance, ...change })).not.toBe(key));

  test('is one of its own for each login with a given token', () => {
    const own = credentialKey(instance, LOGIN);
    expect(own).not.toBe(key);
    expect(credentialKey(instance, { ...LOGIN, principal: 'bob@example.com' })).not.toBe(own);
    expect(credentialKey(instance, LOGIN)).toBe(own);
  });
});
