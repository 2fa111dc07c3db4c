/**
 * Where others accept what we refuse, by our reason: who, and why they do. openssl and pkijs are asked about the CMS
 * signature alone, @sigstore/verify about certificate, log entry and time as well, for the payload as git cuts it out.
 */
export type Oracle = 'openssl' | 'pkijs' | '@sigstore/verify';

export interface Disagreement {
  readonly reason: string;
  readonly accepted: string;
  readonly cause: string;
}

const ALL = '@sigstore/verify openssl pkijs';
const CMS_ONLY = 'openssl pkijs';
const SIGSTORE = '@sigstore/verify';

export const DISAGREEMENTS: readonly Disagreement[] = [
  // The object: they see the bytes that git cuts out of it, and none of the rest.
  ...of(ALL, 'git joins, drops or overlooks it, so they never see it', [
    'the header gpgsig occurs twice',
    'the object has an unknown header that begins with gpgsig',
    'the signature stands before the first header',
  ]),
  ...of(CMS_ONLY, 'the signed bytes are no commit, which a CMS verifier cannot know', [
    'the header has no end',
  ]),
  ...of(SIGSTORE, 'the signed bytes are no commit, which a bundle verifier cannot know', [
    'the payload of the commit does not begin like one',
  ]),
  // The armor: they are given the base64 between the first lines of dashes.
  ...of(ALL, 'the armor is taken off leniently before they are asked', [
    'text follows the armor',
    'the armor is not canonical base64',
    'the armor is not in lines of 64 characters',
    'the signature begins with no known armor line',
  ]),
  // ASN.1: openssl reads BER; asn1js (in pkijs) does not count what stands at the end of a SEQUENCE.
  ...of(ALL, 'they read BER where CMS written by git programs is DER', [
    'DER has a length that is not minimal',
  ]),
  ...of('openssl', 'openssl puts constructed strings together, as BER allows', [
    'DER has a tag that does not belong there',
  ]),
  ...of('@sigstore/verify pkijs', 'asn1js passes over what stands behind the last field', [
    'the signature has too many parts',
    'the signed data has too many parts',
    'the signature is no CMS SignedData',
  ]),
  ...of(CMS_ONLY, 'unsigned attributes mean nothing to a CMS verifier', [
    'the unsigned attribute 1.3.6.1.4.1.57264.3.1 has too few parts',
    'the unsigned attribute 1.3.6.1.4.1.57264.3.1 has too many parts',
  ]),
  ...of(ALL, 'the first of two is taken', ['the unsigned attribute 1.3.6.1.4.1.57264.3.1 occurs twice']),
  // CMS: versions, lists and orders that do not change the mathematics.
  ...of(ALL, 'it does not change what was signed, and they do not look', [
    'the signed data is not of version 1',
    'the signed attributes are not in DER order',
    'the signed attributes hold one that no git signature has',
    'the list of signers has too many parts',
  ]),
  ...of(CMS_ONLY, 'the attributes are encoded anew before they are hashed', [
    'the set of signed attributes has the wrong type',
  ]),
  ...of('@sigstore/verify openssl', 'the content is detached: its type is taken as a label', [
    'the content is not plain data',
  ]),
  ...of(
    ALL,
    'the payload is given beside the signature and compared with the digest; one inside is passed over',
    ['the signature carries a payload of its own'],
  ),
  ...of('@sigstore/verify pkijs', 'the list of digests is a hint for readers in one pass', [
    'the list of digest algorithms does not name the one used',
  ]),
  ...of('@sigstore/verify openssl', 'the digest is taken from another field', [
    'the algorithm of the signature does not count',
  ]),
  ...of(ALL, 'the kind of key decides, not what the signature calls its algorithm', [
    'key, digest and signature algorithm do not fit together',
  ]),
  ...of('pkijs', 'a byte behind the ECDSA signature is passed over', [
    'the signature is not by the key in the certificate',
  ]),
  // Certificates.
  ...of(CMS_ONLY, 'they were not asked about the chain', ['the certificate is not from a trusted authority']),
  ...of(SIGSTORE, 'the certificate is found by its serial number alone, as the bundle is made', [
    "the signature does not carry the signer's certificate",
  ]),
  ...of(
    SIGSTORE,
    'its certificate checks are chain, time and SCT; purpose and form are the caller’s affair',
    [
      'the certificate has the unknown critical extension 1.2.3.4.5',
      'the certificate is not for code signing',
      'the certificate names no identity',
      'the certificate of the signer is one of an authority',
    ],
  ),
  // The log entry.
  ...of(
    SIGSTORE,
    'the key name of a checkpoint is matched as a regular expression, and any trusted log may sign',
    ['the checkpoint is not signed by the log that the entry names'],
  ),
  ...of(
    SIGSTORE,
    'root and size are taken from the checkpoint, and what the proof says of them is not compared',
    [
      'the inclusion proof is for another root than the checkpoint',
      'the inclusion proof is for another tree size than the checkpoint',
    ],
  ),
  ...of(SIGSTORE, 'the entry is put into JSON anew: what protobuf allows besides is lost on the way', [
    'the log entry carries a body of its own',
    'the log entry has a field of the wrong type',
    'the log entry has a number that is not minimal',
    'the log entry has an unknown field',
  ]),
];

/**
 * Objects that we find good and others refuse. @sigstore/core takes a part of this one's certificate for ASN.1 within
 * ASN.1 and encodes it anew, a byte shorter, before it verifies the authority's signature. sigstore-python accepts it.
 */
export const STRICTER: Readonly<Record<string, string>> = {
  '164451509b6e3db9f0ee6be7514e0f3af4ea441b':
    '@sigstore/verify refuses: CERTIFICATE_ERROR Failed to verify certificate chain',
};

function of(accepted: string, cause: string, reasons: readonly string[]): readonly Disagreement[] {
  return reasons.map((reason) => ({ reason, accepted, cause }));
}
