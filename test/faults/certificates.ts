import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';

export interface KeyPair {
  /** PEM. */
  readonly key: string;
  readonly cert: string;
}

export interface ServerCertificates {
  /** PEM of the authority that issued the others. */
  readonly authority: string;
  /** For localhost. */
  readonly right: KeyPair;
  readonly otherName: KeyPair;
  readonly expired: KeyPair;
}

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const DAY = 86_400_000;
const makeKeys = () => webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);

/** Three server certificates of one authority: a right one, one for another name, one that has ended. */
export async function makeServerCertificates(): Promise<ServerCertificates> {
  const keys = await makeKeys();
  const authority = await x509.X509CertificateGenerator.createSelfSigned({
    name: 'CN=faults',
    keys,
    signingAlgorithm: ALGORITHM,
    notBefore: new Date(Date.now() - 9 * DAY),
    notAfter: new Date(Date.now() + 9 * DAY),
    extensions: [
      new x509.BasicConstraintsExtension(true, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign, true),
    ],
  });
  const issue = async (host: string, notAfter: number): Promise<KeyPair> => {
    const own = await makeKeys();
    const certificate = await x509.X509CertificateGenerator.create({
      subject: `CN=${host}`,
      issuer: authority.subject,
      publicKey: own.publicKey,
      signingKey: keys.privateKey,
      signingAlgorithm: ALGORITHM,
      notBefore: new Date(Date.now() - 8 * DAY),
      notAfter: new Date(notAfter),
      extensions: [new x509.SubjectAlternativeNameExtension([{ type: 'dns', value: host }])],
    });
    const pkcs8 = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', own.privateKey)).toString('base64');
    const key = `-----BEGIN PRIVATE KEY-----\n${pkcs8}\n-----END PRIVATE KEY-----\n`;
    return { key, cert: certificate.toString('pem') };
  };
  const [right, otherName, expired] = await Promise.all([
    issue('localhost', Date.now() + DAY),
    issue('other.example', Date.now() + DAY),
    issue('localhost', Date.now() - DAY),
  ]);
  return { authority: authority.toString('pem'), right, otherName, expired };
}
