/** The two clients as one kind of thing, with a request and a good answer for each. */
import { generateKeyPairSync } from 'node:crypto';
import { fulcio } from '../../src/adapters/fulcio.ts';
import { rekorV1 } from '../../src/adapters/rekor.ts';
import type { Patience } from '../../src/core/limits.ts';
import type { IdToken } from '../../src/ports.ts';

/** For what answers: a machine under load does it late, and that is no trouble of the service's. */
export const UNHURRIED: Patience = { attemptMs: 20_000, totalMs: 40_000, retries: 3, backoffMs: 10 };

/** For what never does: short enough to wait for. */
export const QUICK: Patience = { ...UNHURRIED, attemptMs: 250, totalMs: 900 };

export interface Client {
  readonly name: 'Fulcio' | 'Rekor';
  readonly setting: string;
  /** Asks the service at this address for what it is there for. */
  readonly ask: (url: string, options?: AskOptions) => Promise<unknown>;
  /** Status and body of an answer that the client takes. */
  readonly good: { readonly status: number; readonly body: string };
}

export interface AskOptions {
  readonly patience?: Patience;
  readonly signal?: AbortSignal;
  readonly insecureHttp?: boolean;
}

/** Three parts of base64url, as a JWT has; nothing here looks into them. */
export const RAW_TOKEN = ['eyJhbGciOiJSUzI1NiJ9', 'eyJzdWIi'.repeat(12), 'c2lnbmF0dXJl'.repeat(12)].join('.');

export const ID_TOKEN: IdToken = {
  raw: RAW_TOKEN,
  issuer: 'https://issuer.example',
  principal: 'alice@example.com',
  email: 'alice@example.com',
  subject: '1',
  expiresAt: new Date(8.64e15),
  source: 'test',
};

const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
export const PUBLIC_KEY_PEM = publicKey.export({ type: 'spki', format: 'pem' }).toString();

/** A DER sequence of the size of a certificate: nothing in the clients looks further in. */
export const SOME_DER = Buffer.concat([Buffer.from([0x30, 0x82, 0x02, 0x01]), Buffer.alloc(513, 5)]);
export const SOME_PEM = `-----BEGIN CERTIFICATE-----\n${SOME_DER.toString('base64').replace(/.{1,64}/g, '$&\n')}-----END CERTIFICATE-----\n`;

export const ENTRY_ID = `2f96a18045953b12${'7c'.repeat(32)}`;

export function entryMap(change: (entry: Record<string, unknown>) => unknown = (entry) => entry): string {
  const entry = {
    body: Buffer.from('{"apiVersion":"0.0.1","kind":"hashedrekord"}').toString('base64'),
    integratedTime: 1_700_000_000,
    logID: '01'.repeat(32),
    logIndex: 2_500_000_000,
    verification: {
      inclusionProof: {
        checkpoint: 'rekor.local - 1\n2\nAA==\n\n— rekor.local AAAA\n',
        hashes: ['02'.repeat(32)],
        logIndex: 1,
        rootHash: '03'.repeat(32),
        treeSize: 2,
      },
      signedEntryTimestamp: Buffer.from('set').toString('base64'),
    },
  };
  return JSON.stringify({ [ENTRY_ID]: change(entry) });
}

export const CLIENTS: readonly Client[] = [
  {
    name: 'Fulcio',
    setting: 'signet.fulcio',
    ask: (url, { signal = AbortSignal.timeout(20_000), ...options } = {}) =>
      fulcio(url, { patience: UNHURRIED, ...options }).requestSigningCertificate(
        { idToken: ID_TOKEN, publicKeyPem: PUBLIC_KEY_PEM, proofOfPossession: new Uint8Array([1, 2, 3]) },
        signal,
      ),
    good: {
      status: 200,
      body: JSON.stringify({ signedCertificateEmbeddedSct: { chain: { certificates: [SOME_PEM] } } }),
    },
  },
  {
    name: 'Rekor',
    setting: 'signet.rekor',
    ask: (url, { signal = AbortSignal.timeout(20_000), ...options } = {}) =>
      rekorV1(url, { patience: UNHURRIED, ...options }).upload(
        { digest: Buffer.alloc(32, 1), signature: Buffer.from([1, 2, 3]), certificate: SOME_DER },
        signal,
      ),
    good: { status: 201, body: entryMap() },
  },
];

/** The error a promise ends in; fails the test if there is none. */
export async function errorOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => {
      throw new Error('expected an error, got an answer');
    },
    (error: unknown) => error,
  );
}
