import { createHash, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import type { RunningSandbox } from '../../src/sandbox/sandbox.ts';

/** What a test needs of the world to sign at a sandbox, in the plainest requests there are. */
export interface Signer {
  readonly privateKey: KeyObject;
  readonly email: string;
  /** PEM, leaf first. */
  readonly chain: readonly string[];
}

export async function post(
  url: string,
  body: unknown,
  headers: Record<string, string> = {},
): Promise<Response> {
  return fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
}

export function certificateRequest(
  token: string,
  email: string,
  keys = generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  digest: string | null = 'sha256',
) {
  return {
    credentials: { oidcIdentityToken: token },
    publicKeyRequest: {
      publicKey: { algorithm: 'ECDSA', content: keys.publicKey.export({ type: 'spki', format: 'pem' }) },
      proofOfPossession: sign(digest, Buffer.from(email), keys.privateKey).toString('base64'),
    },
  };
}

/** The certificates of Fulcio's answer, leaf first. */
export async function chainOf(response: Response): Promise<string[]> {
  const answer = (await response.json()) as {
    signedCertificateEmbeddedSct: { chain: { certificates: string[] } };
  };
  return answer.signedCertificateEmbeddedSct.chain.certificates;
}

export async function requestSigner(
  sandbox: Pick<RunningSandbox, 'fulcioUrl' | 'mintIdToken'>,
  email = 'alice@example.com',
): Promise<Signer> {
  const keys = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const request = certificateRequest(sandbox.mintIdToken(email), email, keys);
  const chain = await chainOf(await post(`${sandbox.fulcioUrl}/api/v2/signingCert`, request));
  return { privateKey: keys.privateKey, email, chain };
}

export function proposedEntry(signer: Signer, data: string) {
  return {
    apiVersion: '0.0.1',
    kind: 'hashedrekord',
    spec: {
      data: { hash: { algorithm: 'sha256', value: createHash('sha256').update(data).digest('hex') } },
      signature: {
        content: sign('sha256', Buffer.from(data), signer.privateKey).toString('base64'),
        publicKey: { content: Buffer.from(`${signer.chain[0]}\n`).toString('base64') },
      },
    },
  };
}

export interface EntryAnswer {
  readonly body: string;
  readonly integratedTime: number;
  readonly logID: string;
  readonly logIndex: number;
  readonly verification: {
    readonly inclusionProof: {
      readonly checkpoint: string;
      readonly hashes: readonly string[];
      readonly logIndex: number;
      readonly rootHash: string;
      readonly treeSize: number;
    };
    readonly signedEntryTimestamp: string;
  };
}

export async function entryOf(response: Response): Promise<{ id: string; entry: EntryAnswer }> {
  const answer = (await response.json()) as Record<string, EntryAnswer>;
  const [[id, entry] = []] = Object.entries(answer);
  if (id === undefined || entry === undefined) throw new Error('no entry in the answer');
  return { id, entry };
}

export async function upload(sandbox: Pick<RunningSandbox, 'rekorUrl'>, signer: Signer, data: string) {
  return entryOf(await post(`${sandbox.rekorUrl}/api/v1/log/entries`, proposedEntry(signer, data)));
}

/** TransparencyLogEntry, as far as tests look. */
export interface EntryV2 {
  readonly logIndex: string;
  readonly logId: { readonly keyId: string };
  readonly inclusionProof: {
    readonly checkpoint: { readonly envelope: string };
    readonly hashes: readonly string[];
  };
  readonly canonicalizedBody: string;
}

export function proposedEntryV2(signer: Signer, data: string) {
  const der = Buffer.from(signer.chain[0]?.replace(/-----.*-----|\s/g, '') ?? '', 'base64');
  return {
    hashedRekordRequestV002: {
      digest: createHash('sha256').update(data).digest('base64'),
      signature: {
        content: sign('sha256', Buffer.from(data), signer.privateKey).toString('base64'),
        verifier: {
          x509Certificate: { rawBytes: der.toString('base64') },
          keyDetails: 'PKIX_ECDSA_P256_SHA_256',
        },
      },
    },
  };
}

export async function uploadV2(
  sandbox: Pick<RunningSandbox, 'rekorV2Url'>,
  signer: Signer,
  data: string,
): Promise<EntryV2> {
  const answer = await post(`${sandbox.rekorV2Url}/api/v2/log/entries`, proposedEntryV2(signer, data));
  if (answer.status !== 201) throw new Error(`answered ${answer.status}`);
  return (await answer.json()) as EntryV2;
}
