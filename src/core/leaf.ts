/**
 * What a Fulcio leaf must be (fulcio: docs/certificate-specification.md) and whom it names
 * (fulcio: docs/oid-info.md).
 */
import { decodeText } from './bytes.ts';
import { childrenOf, contentOf, type DerNode, expectTag, oidOf, parseDer, TAG } from './der.ts';
import { refuse } from './failure.ts';
import type { Identity, San } from './verdict.ts';
import {
  basicConstraintsOf,
  type Certificate,
  EXTENSION,
  extendedKeyUsageOf,
  KEY_USAGE,
  keyUsageOf,
} from './x509.ts';

const FULCIO_ARC = '1.3.6.1.4.1.57264.1.';
const CODE_SIGNING = '1.3.6.1.5.5.7.3.3';
/** Claims 1 to 6 are bare text; the later ones, up to the last that is known, DER UTF8Strings. */
const LAST_BARE_CLAIM = 6;
const LAST_CLAIM = 24;
/** The type of the otherName that holds a user name. */
const USERNAME = `${FULCIO_ARC}7`;

export interface LeafFacts {
  readonly identity: Identity;
  readonly claims: ReadonlyMap<number, string>;
}

/** Checks that the certificate may sign and reads whom it names; its chain and time are not looked at. */
export function readLeaf(leaf: Certificate): LeafFacts {
  refuseUnknownCritical(leaf);
  if (basicConstraintsOf(leaf)?.isCa) return refuse("the signer's certificate is one of an authority");
  const usage = keyUsageOf(leaf) ?? 0;
  if ((usage & KEY_USAGE.digitalSignature) === 0) return refuse('the certificate is not for signatures');
  if ((usage & KEY_USAGE.keyCertSign) !== 0) return refuse("the signer's certificate may sign certificates");
  if (!extendedKeyUsageOf(leaf)?.includes(CODE_SIGNING))
    return refuse('the certificate is not for code signing');
  const subject = readSan(leaf);
  const claims = readClaims(leaf);
  return { identity: { subject, issuer: issuerOf(claims) }, claims };
}

/** A critical extension that we do not understand forbids to use the certificate (RFC 5280 4.2). */
export function refuseUnknownCritical({ extensions }: Certificate): void {
  for (const [oid, { critical }] of extensions) {
    if (critical && !KNOWN.has(oid) && claimNumber(oid) === undefined) {
      refuse(`the certificate has the unknown critical extension ${oid}`);
    }
  }
}

/** Whether an authority's certificate restricts its use and leaves code signing out. */
export function forbidsCodeSigning(certificate: Certificate): boolean {
  const purposes = extendedKeyUsageOf(certificate);
  return purposes !== undefined && !purposes.includes(CODE_SIGNING);
}

const KNOWN = new Set<string>(Object.values(EXTENSION));

/** GeneralNames with exactly one name: who signs must not depend on which one a reader picks. */
function readSan({ extensions }: Certificate): San {
  const extension = extensions.get(EXTENSION.subjectAltName);
  if (extension === undefined) return refuse('the certificate names no identity');
  const names = childrenOf(
    parseDer(extension.value),
    TAG.sequence,
    'the identity in the certificate',
    [0, 64],
  );
  const [name] = names;
  if (name === undefined || names.length > 1)
    return refuse('the certificate does not name exactly one identity');
  switch (name.tag) {
    case 0x81:
      return { type: 'email', value: asciiOf(name) };
    case 0x86:
      return { type: 'uri', value: asciiOf(name) };
    case 0xa0:
      return { type: 'username', value: usernameOf(name) };
    default:
      return refuse('the certificate names an identity of an unknown kind');
  }
}

/** OtherName ::= SEQUENCE { type-id, value [0] EXPLICIT UTF8String } */
function usernameOf(name: DerNode): string {
  const what = 'the user name in the certificate';
  const [type, wrapped] = childrenOf(name, 0xa0, what, [2, 2]);
  if (oidOf(type, what) !== USERNAME) return refuse('the certificate names an identity of an unknown kind');
  const [value] = childrenOf(wrapped, 0xa0, what, [1, 1]);
  const text = decodeText(contentOf(expectTag(value, TAG.utf8String, what)), what);
  return text === '' || hasControls(text) ? refuse(`${what} is empty or has control characters`) : text;
}

function asciiOf(name: DerNode): string {
  const text = String.fromCharCode(...contentOf(name));
  return /^[\x21-\x7e]+$/.test(text)
    ? text
    : refuse('the identity in the certificate is not printable ASCII');
}

/** Claims by their number; unknown numbers are left out, malformed known ones refused. */
function readClaims({ extensions }: Certificate): ReadonlyMap<number, string> {
  const claims = new Map<number, string>();
  for (const [oid, { value }] of extensions) {
    const number = claimNumber(oid);
    if (number === undefined) continue;
    const what = `the claim ${number} in the certificate`;
    const text =
      number <= LAST_BARE_CLAIM ? value : contentOf(expectTag(parseDer(value), TAG.utf8String, what));
    claims.set(number, decodeText(text, what));
  }
  return claims;
}

function claimNumber(oid: string): number | undefined {
  if (!oid.startsWith(FULCIO_ARC)) return undefined;
  const number = Number(oid.slice(FULCIO_ARC.length));
  return number >= 1 && number <= LAST_CLAIM && number !== 7 ? number : undefined;
}

/** Claim 8, else its forerunner 1; where both are there they must agree. */
function issuerOf(claims: ReadonlyMap<number, string>): string {
  const issuer = claims.get(8) ?? claims.get(1);
  if (!issuer || hasControls(issuer))
    return refuse('the certificate does not say who vouched for the identity');
  return (claims.get(1) ?? issuer) === issuer
    ? issuer
    : refuse('the certificate names two issuers of the identity');
}

function hasControls(text: string): boolean {
  return /[\x00-\x1f\x7f]/.test(text);
}
