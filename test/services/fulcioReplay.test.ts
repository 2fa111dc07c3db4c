import { createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { fulcio, parseSigningCertificate } from '../../src/adapters/fulcio.ts';
import { serviceAt } from '../../src/adapters/http.ts';
import { refusalOf } from '../../src/adapters/refusal.ts';
import { deadlineIn, requestPatiently } from '../../src/adapters/retry.ts';
import { openSigningCertificate } from '../../src/app/requestCredential.ts';
import { parseCertificate } from '../../src/core/certificate.ts';
import { parseTrustedRoot, type Trust } from '../../src/core/trustedRoot.ts';
import type { IdToken, SigningCertificateAnswer } from '../../src/ports.ts';
import { errorOf, UNHURRIED } from './clients.ts';
import {
  answerBytes,
  recordedTokenClaims,
  recordedTrustedRoot,
  recordingsIn,
  replay,
  requestText,
} from './recordings.ts';

const { exchanges, recorded, left } = recordingsIn('fulcio.json');
const signal = AbortSignal.timeout(60_000);

interface SigningRequest {
  readonly publicKeyRequest: {
    readonly publicKey: { readonly content: string };
    readonly proofOfPossession: string;
  };
}

const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });

/** The recorded claims under a signature of our own: the real token was not kept. */
function idToken(claims: Record<string, unknown> = recordedTokenClaims()): IdToken {
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const signed = `${part({ alg: 'RS256' })}.${part(claims)}`;
  return {
    raw: `${signed}.${sign('sha256', Buffer.from(signed), privateKey).toString('base64url')}`,
    issuer: String(claims['iss']),
    principal: String(claims['email']),
    email: String(claims['email']),
    subject: String(claims['sub']),
    expiresAt: new Date(Number(claims['exp']) * 1000),
    source: 'recording',
  };
}

/** Plays one exchange to the client, which sends the recorded key and proof. */
async function request(
  name: string,
  bodies: string[] = [],
): Promise<SigningCertificateAnswer & { hits: number }> {
  const exchange = recorded(name);
  const server = await replay([exchange], [], bodies);
  const sent: Partial<SigningRequest> = JSON.parse(requestText(recorded('signing certificate')) ?? '');
  const { publicKey, proofOfPossession } = sent.publicKeyRequest as SigningRequest['publicKeyRequest'];
  const answer = await fulcio(server.url, { patience: UNHURRIED }).requestSigningCertificate(
    {
      idToken: idToken(),
      publicKeyPem: publicKey.content,
      proofOfPossession: Buffer.from(proofOfPossession, 'base64'),
    },
    signal,
  );
  return { ...answer, hits: server.hits() };
}

describe.skipIf(exchanges.length === 0)('recorded Fulcio (needs ../shared/recordings)', () => {
  const trust = (): Trust => parseTrustedRoot(Buffer.from(JSON.stringify(recordedTrustedRoot())));
  /** The key that the recorded certificates were issued for. */
  const recordedKey = (name = 'signing certificate'): KeyObject =>
    createPublicKey(
      (JSON.parse(requestText(recorded(name)) ?? '') as SigningRequest).publicKeyRequest.publicKey.content,
    );
  const notBefore = ([der]: readonly Uint8Array[]) => new Date(parseCertificate(der as Uint8Array).notBefore);
  const open = (answer: SigningCertificateAnswer, publicKey: KeyObject, token = idToken()) =>
    openSigningCertificate(
      { chain: answer.chain, serverDate: notBefore(answer.chain) },
      { publicKey, idToken: token, trust: trust(), now: notBefore(answer.chain) },
    );

  test('signing certificate: asked for in the recorded form, taken, opened', async () => {
    const bodies: string[] = [];
    const answer = await request('signing certificate', bodies);
    const sent = JSON.parse(bodies[0] ?? '');
    const { publicKeyRequest } = JSON.parse(requestText(recorded('signing certificate')) ?? '');
    expect(sent).toEqual({
      credentials: { oidcIdentityToken: expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+$/) },
      publicKeyRequest,
    });
    expect(answer.chain).toHaveLength(3);
    expect(Math.abs(Number(answer.serverDate) - Date.now())).toBeLessThan(60_000);
    const opened = open(answer, recordedKey());
    expect(opened.identity).toEqual({
      subject: { type: 'email', value: 'alice@example.com' },
      issuer: 'http://127.0.0.1:5556/auth',
    });
    expect(opened.notAfter.getTime() - opened.notBefore.getTime()).toBe(600_000);
  });

  test.each(['signing certificate by CSR', 'unknown field'])('%s: opened', async (name) => {
    const answer = await request(name);
    expect(open(answer, recordedKey()).identity.subject.value).toBe('alice@example.com');
  });

  test('Ed25519 key: a certificate for its own key, refused for ours', async () => {
    const answer = await request('Ed25519 key');
    expect(() => open(answer, recordedKey())).toThrow(/is for another key than the one that was sent/);
    expect(open(answer, recordedKey('Ed25519 key')).identity.subject.value).toBe('alice@example.com');
  });

  test.each([
    [
      'wrong proof of possession (signed by another key)',
      /"The signature supplied in the request could not be verified"/,
    ],
    [
      'proof of possession over another address',
      /"The signature supplied in the request could not be verified"/,
    ],
    ['token with a broken signature', /"There was an error processing the identity token"/],
    ['token is no JWT', /"There was an error processing the identity token"/],
    ['token missing', /"There was an error processing the identity token"/],
    ['key missing', /"The public key supplied in the request could not be parsed"/],
    ['body is no JSON', /"invalid character 'n' looking for beginning of object key string"/],
    ['P-384 key, proof over SHA-256', /"The signature supplied in the request could not be verified"/],
    ['GET on the signing endpoint', /answered 501: "Method Not Allowed"\.$/],
    ['unknown path', /answered 404: "Not Found"\.$/],
  ])('%s: refused at once', async (name, message) => {
    const server = await replay([recorded(name)]);
    const error = await errorOf(
      fulcio(server.url, { patience: UNHURRIED }).requestSigningCertificate(
        { idToken: idToken(), publicKeyPem: '', proofOfPossession: new Uint8Array() },
        signal,
      ),
    );
    expect(error).toMatchObject({
      code: 'service-refused',
      exitCode: 5,
      message: expect.stringMatching(message),
      hint: expect.stringContaining(recorded(name).response.status === 400 ? 'log in again' : 'Fulcio'),
    });
    expect(server.hits()).toBe(1);
  });

  test('legacy v1 signing certificate: not JSON', async () => {
    await expect(request('legacy v1 signing certificate')).rejects.toMatchObject({
      code: 'service-answer',
      message: expect.stringContaining('"application/pem-certificate-chain"'),
    });
  });

  test.each(['configuration', 'trust bundle'])('%s: JSON, but no certificate', async (name) => {
    const exchange = recorded(name);
    const server = await replay([exchange]);
    const service = serviceAt('Fulcio', 'signet.fulcio', server.url, false);
    const get = { method: 'GET', path: exchange.request.path.slice(1) } as const;
    const answer = await requestPatiently(service, get, UNHURRIED, deadlineIn(UNHURRIED.totalMs, signal));
    expect(answer.body).toEqual(answerBytes(exchange));
    expect(refusalOf(service, answer).message).toMatch(/answered 200\.$/);
    expect(() => parseSigningCertificate(answer.body)).toThrow(
      expect.objectContaining({ code: 'service-answer' }),
    );
  });

  describe('a certificate that came back wrong', () => {
    const chain = () => parseSigningCertificate(answerBytes(recorded('signing certificate')));
    const right = () => {
      const now = notBefore(chain());
      return {
        answer: { chain: chain(), serverDate: now as Date | undefined },
        expected: { publicKey: recordedKey(), idToken: idToken(), trust: trust(), now },
      };
    };
    const minutes = (count: number) => new Date(notBefore(chain()).getTime() + count * 60_000);
    type Case = ReturnType<typeof right>;
    const openCase = ({ answer, expected }: Case) => openSigningCertificate(answer, expected);

    test('… is right to begin with', () => {
      expect(openCase(right()).identity.subject.value).toBe('alice@example.com');
    });

    test.each<[string, (c: Case) => void, RegExp]>([
      ['no leaf', (c) => (c.answer.chain = []), /is missing in its answer/],
      [
        'another key',
        (c) => (c.expected.publicKey = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey),
        /is for another key/,
      ],
      ['its last byte', (c) => (c.answer.chain = [changed(c.answer.chain[0], -1)]), /was refused: /],
      [
        'a byte of its address',
        (c) => (c.answer.chain = [changed(c.answer.chain[0], addressAt(c.answer.chain[0]))]),
        /was refused: the certificate is not signed by the authority/,
      ],
      ['the intermediate as leaf', (c) => (c.answer.chain = c.answer.chain.slice(1)), /is for another key/],
      ['no DER', (c) => (c.answer.chain = [Buffer.from('nonsense')]), /was refused: /],
      [
        'no authority',
        (c) => (c.expected.trust = { ...c.expected.trust, certificateAuthorities: [] }),
        /was refused: the certificate is not from a trusted authority/,
      ],
      [
        'no CT log',
        (c) => (c.expected.trust = { ...c.expected.trust, ctLogs: [] }),
        /was refused: no SCT of the certificate is of a trusted CT log/,
      ],
      [
        'expired',
        (c) => {
          c.answer.serverDate = minutes(11);
          c.expected.now = minutes(11);
        },
        /is not valid now: it is from 2026-.*Z to 2026-.*Z, and the authority's clock says 2026-/,
      ],
      [
        'not yet valid',
        (c) => {
          c.answer.serverDate = minutes(-6);
          c.expected.now = minutes(-6);
        },
        /is not valid now/,
      ],
      [
        'another address',
        (c) => (c.expected.idToken = idToken({ ...recordedTokenClaims(), email: 'bob@example.com' })),
        /names "alice@example\.com" \(email\), but the login was as "bob@example\.com"/,
      ],
      [
        'another case',
        (c) => (c.expected.idToken = idToken({ ...recordedTokenClaims(), email: 'Alice@example.com' })),
        /but the login was as "Alice@example\.com"/,
      ],
      [
        'an address for a token without',
        (c) => (c.expected.idToken = { ...c.expected.idToken, email: undefined, principal: 'repo:x' }),
        /names "alice@example\.com" \(email\), but the login was as "repo:x"/,
      ],
      [
        'another issuer',
        (c) => (c.expected.idToken = idToken({ ...recordedTokenClaims(), iss: 'https://other.example' })),
        /names the issuer "http:\/\/127\.0\.0\.1:5556\/auth", which the ID token of "https:\/\/other\.example" does not know/,
      ],
    ])('%s', (_what, change, message) => {
      const wrong = right();
      change(wrong);
      expect(() => openCase(wrong)).toThrow(
        expect.objectContaining({
          code: 'service-answer',
          exitCode: 5,
          message: expect.stringMatching(message),
        }),
      );
    });

    test('the issuer may be one that the token states, as Dex does with the provider behind it', () => {
      const claims = {
        ...recordedTokenClaims(),
        iss: 'https://other.example',
        federated_claims: { connector_id: 'http://127.0.0.1:5556/auth' },
      };
      const wrong = right();
      wrong.expected.idToken = idToken(claims);
      expect(openCase(wrong).identity.issuer).toBe('http://127.0.0.1:5556/auth');
    });

    test.each([
      [4.9, undefined],
      [-4.9, undefined],
      [
        5.1,
        /^This machine's clock is 5 minutes ahead of the certificate authority's \(2026-.*Z here, 2026-.*Z there\)\.$/,
      ],
      [-5.1, /^This machine's clock is 5 minutes behind the certificate authority's/],
      [72 * 60, /^This machine's clock is 72 hours ahead of/],
    ])('a local clock %d minutes off', (offset, message) => {
      for (const serverDate of [minutes(0), undefined]) {
        const skewed = right();
        skewed.answer.serverDate = serverDate;
        skewed.expected.now = minutes(offset);
        if (message === undefined)
          expect(openCase(skewed).notAfter).toEqual(minutes(10 + Math.min(offset, 0)));
        else
          expect(() => openCase(skewed)).toThrow(
            expect.objectContaining({
              code: 'clock-skew',
              exitCode: 5,
              message: expect.stringMatching(message),
              hint: expect.stringContaining('clock'),
            }),
          );
      }
    });
  });

  test('nothing recorded was left out', () => {
    expect(left()).toEqual([]);
  });
});

function changed(der: Uint8Array | undefined, place: number): Uint8Array {
  const copy = Buffer.from(der ?? []);
  const index = place < 0 ? copy.length + place : place;
  copy[index] = (copy[index] ?? 0) ^ 1;
  return copy;
}

function addressAt(der: Uint8Array | undefined): number {
  return Buffer.from(der ?? []).indexOf('alice@example.com');
}
