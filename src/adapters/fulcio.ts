/** Fulcio, Sigstore's certificate authority, over its version 2 interface (`POST /api/v2/signingCert`). */
import { FULCIO_PATIENCE, MAX_CERTIFICATES } from '../core/limits.ts';
import type { SignetError } from '../errors.ts';
import type { CertificateAuthority, SigningCertificateRequest } from '../ports.ts';
import { objectIn, parseObject, stringsIn, toBase64Bytes, wrong } from './answer.ts';
import { type Answer, type Service, type ServiceOptions, serviceAt } from './http.ts';
import { refusalOf } from './refusal.ts';
import { deadlineIn, requestPatiently } from './retry.ts';

/** Throws `config` for an address that is no https or loopback URL. */
export function fulcio(baseUrl: string, options: ServiceOptions = {}): CertificateAuthority {
  const service = serviceAt('Fulcio', 'signet.fulcio', baseUrl, options.insecureHttp ?? false);
  const patience = options.patience ?? FULCIO_PATIENCE;
  return {
    async requestSigningCertificate(request, signal) {
      const exchange = { method: 'POST', path: 'api/v2/signingCert', body: encodeRequest(request) } as const;
      const answer = await requestPatiently(
        service,
        exchange,
        patience,
        deadlineIn(patience.totalMs, signal),
      );
      if (answer.status !== 200) throw refusal(service, answer);
      return { chain: parseSigningCertificate(answer.body), serverDate: answer.date };
    },
  };
}

/**
 * The certificates of Fulcio's answer as DER, leaf first; nothing about them is verified. Throws
 * `service-answer` unless the SCT is inside the leaf: a detached one could not be stored with a signature.
 */
export function parseSigningCertificate(bytes: Uint8Array): readonly Uint8Array[] {
  const answer = parseObject(bytes, "Fulcio's answer");
  if ('signedCertificateDetachedSct' in answer.fields) {
    throw wrong(
      answer.what,
      'has its SCT beside the certificate (signedCertificateDetachedSct), not inside',
      "This Fulcio's authority has to issue through precertificates; its operators can set that up.",
    );
  }
  const chain = objectIn(objectIn(answer, 'signedCertificateEmbeddedSct'), 'chain');
  const certificates = stringsIn(chain, 'certificates', { min: 1, max: MAX_CERTIFICATES });
  return certificates.map((pem, index) => toDer(pem, `certificate ${index + 1} in Fulcio's answer`));
}

/** Fulcio ignores `algorithm` and unknown fields; `content` is the PEM text itself. */
function encodeRequest({ idToken, publicKeyPem, proofOfPossession }: SigningCertificateRequest): string {
  return JSON.stringify({
    credentials: { oidcIdentityToken: idToken.raw },
    publicKeyRequest: {
      publicKey: { algorithm: 'ECDSA', content: publicKeyPem },
      proofOfPossession: Buffer.from(proofOfPossession).toString('base64'),
    },
  });
}

/** Fulcio says 400 (gRPC code 3) to a bad token and to a bad request alike, never 401. */
function refusal(service: Service, answer: Answer): SignetError {
  switch (answer.status) {
    case 400:
    case 401:
    case 403:
      return refusalOf(
        service,
        answer,
        'The ID token may have expired or come from an issuer that this Fulcio does not know: check signet.issuer and signet.clientID, and log in again.',
      );
    default:
      return refusalOf(service, answer);
  }
}

/** Exactly one PEM block and nothing around it (RFC 7468 section 5.1), holding exactly one DER value. */
function toDer(pem: string, what: string): Uint8Array {
  const base64 = /^-----BEGIN CERTIFICATE-----\n([A-Za-z0-9+/=\n]+)\n-----END CERTIFICATE-----\n*$/.exec(
    pem,
  )?.[1];
  if (base64 === undefined) throw wrong(what, 'is not one PEM certificate');
  const der = toBase64Bytes(base64.replaceAll('\n', ''), what);
  if (!isOneSequence(der)) throw wrong(what, 'is not one DER sequence');
  return der;
}

/** X.690 8.1.3.5: a certificate is 256 bytes to 64 kB long, so its length takes two octets. */
function isOneSequence(der: Uint8Array): boolean {
  const [tag, form, high = 0, low = 0] = der;
  return tag === 0x30 && form === 0x82 && high > 0 && der.length === high * 256 + low + 4;
}
