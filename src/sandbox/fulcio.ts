import { createPublicKey, generateKeyPairSync, type KeyObject, verify } from 'node:crypto';
import {
  type Answer,
  isRecord,
  jsonAnswer,
  parseJsonBody,
  Refusal,
  type SandboxRequest,
  textAnswer,
} from './answer.ts';
import { issueLeaf, LEAF_MS } from './certificateAuthority.ts';
import { toPem } from './certificates.ts';
import { CLIENT_ID, openIdToken, type TokenHolder } from './idToken.ts';
import type { Instance } from './instance.ts';

/** Fulcio's REST interface (protocols section 4), in the forms of the recordings. */
export async function answerAsFulcio(instance: Instance, request: SandboxRequest): Promise<Answer> {
  const endpoint = ENDPOINTS[request.path];
  if (endpoint === undefined) throw refusal(404, 5, 'Not Found');
  if (endpoint.method !== request.method) throw refusal(501, 12, 'Method Not Allowed');
  return endpoint.answer(instance, request);
}

interface Endpoint {
  readonly method: string;
  readonly answer: (instance: Instance, request: SandboxRequest) => Answer | Promise<Answer>;
}

const ENDPOINTS: Readonly<Record<string, Endpoint>> = {
  '/api/v2/configuration': { method: 'GET', answer: configuration },
  '/api/v2/trustBundle': { method: 'GET', answer: trustBundle },
  '/api/v2/signingCert': { method: 'POST', answer: signingCertificate },
  '/api/v1/signingCert': { method: 'POST', answer: legacySigningCertificate },
};

const BAD_TOKEN = 'There was an error processing the identity token';
const BAD_KEY = 'The public key supplied in the request could not be parsed';
const WEAK_KEY = 'The public key supplied in the request is insecure';
const BAD_PROOF = 'The signature supplied in the request could not be verified';
const BAD_CSR = 'The certificate signing request could not be parsed';

function configuration(instance: Instance): Answer {
  const issuer = {
    issuerUrl: instance.issuer,
    audience: CLIENT_ID,
    challengeClaim: 'email',
    spiffeTrustDomain: '',
    issuerType: 'email',
    subjectDomain: '',
    skipEmailVerification: false,
  };
  return jsonAnswer(200, { issuers: [issuer] }, '');
}

function trustBundle(instance: Instance): Answer {
  return jsonAnswer(200, { chains: [{ certificates: instance.certificates.map(toPem) }] }, '');
}

async function signingCertificate(instance: Instance, request: SandboxRequest): Promise<Answer> {
  const body = parseJsonBody(request.body, badRequest);
  const credentials = isRecord(body.credentials) ? body.credentials.oidcIdentityToken : undefined;
  const holder = openIdToken(instance, credentials ?? bearerOf(request));
  if (holder === undefined) throw badRequest(BAD_TOKEN);
  const csr = body.certificateSigningRequest;
  const key =
    typeof csr === 'string' && csr !== ''
      ? await keyOfRequest(csr)
      : keyWithProof(isRecord(body.publicKeyRequest) ? body.publicKeyRequest : {}, holder);
  const certificates = issueChain(instance, request, holder, key).map((der) => toPem(der).trimEnd());
  return jsonAnswer(200, { signedCertificateEmbeddedSct: { chain: { certificates } } }, '');
}

/** What gitsign still calls: DER key, the token in a header, the chain as text. */
function legacySigningCertificate(instance: Instance, request: SandboxRequest): Answer {
  const body = parseJsonBody(request.body, badRequest);
  const holder = openIdToken(instance, bearerOf(request));
  if (holder === undefined) throw badRequest(BAD_TOKEN);
  const content = isRecord(body.publicKey) ? body.publicKey.content : undefined;
  const key = parseKey(() =>
    createPublicKey({ key: Buffer.from(String(content), 'base64'), format: 'der', type: 'spki' }),
  );
  verifyProof(key, holder, body.signedEmailAddress);
  const text = issueChain(instance, request, holder, key).map(toPem).join('').trimEnd();
  return textAnswer(201, 'application/pem-certificate-chain', text);
}

function keyWithProof(request: Readonly<Record<string, unknown>>, holder: TokenHolder): KeyObject {
  const content = isRecord(request.publicKey) ? request.publicKey.content : undefined;
  const key = parseKey(() => createPublicKey({ key: String(content), format: 'pem' }));
  verifyProof(key, holder, request.proofOfPossession);
  return key;
}

function parseKey(parse: () => KeyObject): KeyObject {
  let key: KeyObject;
  try {
    key = parse();
  } catch {
    throw badRequest(BAD_KEY);
  }
  if (digestOf(key) === undefined) throw badRequest(WEAK_KEY);
  return key;
}

/** The hash that goes with a key (protocols 4.2), null for Ed25519, undefined for keys that are not accepted. */
function digestOf(key: KeyObject): string | null | undefined {
  const { namedCurve, modulusLength = 0 } = key.asymmetricKeyDetails ?? {};
  switch (key.asymmetricKeyType) {
    case 'ed25519':
      return null;
    case 'rsa':
      return [2048, 3072, 4096].includes(modulusLength) ? 'sha256' : undefined;
    case 'ec':
      return { prime256v1: 'sha256', secp384r1: 'sha384', secp521r1: 'sha512' }[namedCurve ?? ''];
    default:
      return undefined;
  }
}

function verifyProof(key: KeyObject, holder: TokenHolder, proof: unknown): void {
  const signature = Buffer.from(typeof proof === 'string' ? proof : '', 'base64');
  if (!verify(digestOf(key), Buffer.from(holder.email), key, signature)) throw badRequest(BAD_PROOF);
}

/** PKCS#10 in PEM in base64: its key and its own signature count, nothing else in it does. */
async function keyOfRequest(base64: string): Promise<KeyObject> {
  await import('reflect-metadata');
  const { PemConverter, Pkcs10CertificateRequest } = await import('@peculiar/x509');
  let request: InstanceType<typeof Pkcs10CertificateRequest>;
  try {
    const [der] = PemConverter.decodeWithHeaders(Buffer.from(base64, 'base64').toString());
    if (der === undefined) throw new Error('no PEM');
    request = new Pkcs10CertificateRequest(der.rawData);
  } catch {
    throw badRequest(BAD_CSR);
  }
  const spki = Buffer.from(request.publicKey.rawData);
  const key = parseKey(() => createPublicKey({ key: spki, format: 'der', type: 'spki' }));
  if (!(await request.verify().catch(() => false))) throw badRequest(BAD_PROOF);
  return key;
}

function issueChain(
  instance: Instance,
  request: SandboxRequest,
  holder: TokenHolder,
  key: KeyObject,
): readonly Uint8Array[] {
  const { fault } = request;
  const expired = fault === 'expiredCertificate' ? LEAF_MS + 60_000 : 0;
  const notBefore = new Date(Math.floor(request.at.getTime() / 1000) * 1000 - expired);
  const leaf = issueLeaf(instance, {
    publicKey: fault === 'otherKey' ? generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey : key,
    subject: { type: 'email', value: fault === 'otherIdentity' ? 'somebody.else@example.org' : holder.email },
    extensions: new Map([
      [1, instance.issuer],
      [8, instance.issuer],
      [24, holder.subject],
    ]),
    notBefore,
    notAfter: new Date(notBefore.getTime() + LEAF_MS),
    sctAt: request.at,
    wrongSct: fault === 'wrongSct',
  });
  return [leaf, ...instance.certificates];
}

function bearerOf(request: SandboxRequest): string | undefined {
  const header = request.headers.authorization;
  return typeof header === 'string' ? /^Bearer (\S+)$/i.exec(header)?.[1] : undefined;
}

function badRequest(message: string): Refusal {
  return refusal(400, 3, message);
}

/** grpc-gateway's error; `code` is gRPC's, not HTTP's. */
function refusal(status: number, code: number, message: string): Refusal {
  return new Refusal(jsonAnswer(status, { code, message, details: [] }, ''));
}
