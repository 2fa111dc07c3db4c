/**
 * What a Fulcio leaf must be (fulcio: docs/certificate-specification.md) and whom it names
 * (fulcio: docs/oid-info.md).
 */
import { decodeText, view } from './bytes.ts';
import {
  childrenOf,
  contentOf,
  type DerNode,
  expectTag,
  oidOf,
  parseDer,
  SEQUENCE,
  UTF8_STRING,
} from './der.ts';
import { refuse } from './failure.ts';
import type { Identity, San } from './verdict.ts';
import {
  AUTHORITY_KEY_ID,
  BASIC_CONSTRAINTS,
  type Certificate,
  DIGITAL_SIGNATURE,
  EXTENDED_KEY_USAGE,
  extensionOf,
  KEY_CERT_SIGN,
  KEY_USAGE,
  keyUsageOf,
  maxPathLengthOf,
  purposesOf,
  SCT_LIST,
  SUBJECT_ALT_NAME,
  SUBJECT_KEY_ID,
} from './x509.ts';

const FULCIO_ARC = '1.3.6.1.4.1.57264.1.';
export const CODE_SIGNING = '1.3.6.1.5.5.7.3.3';
/** Claims 1 to 6 are bare text; the later ones, up to the last that is known, DER UTF8Strings. */
const LAST_BARE_CLAIM = 6;
const LAST_CLAIM = 24;
/** Not a claim, but the type of the otherName that holds a user name. */
const USERNAME = 7;

export interface LeafFacts {
  readonly identity: Identity;
  readonly claims: ReadonlyMap<number, string>;
}

/** Checks that the certificate may sign and reads whom it names; its chain and time are not looked at. */
export function readLeaf(leaf: Certificate): LeafFacts {
  const claims = readClaims(leaf);
  const usage = keyUsageOf(leaf);
  if (maxPathLengthOf(leaf) >= 0 || usage & KEY_CERT_SIGN) {
    return refuse('the certificate of the signer is one of an authority');
  }
  if (!(usage & DIGITAL_SIGNATURE)) return refuse('the certificate is not for signatures');
  if (!purposesOf(leaf)?.includes(CODE_SIGNING)) return refuse('the certificate is not for code signing');
  return { identity: { subject: readSan(leaf), issuer: issuerOf(claims) }, claims };
}

const KNOWN = [
  SUBJECT_KEY_ID,
  KEY_USAGE,
  SUBJECT_ALT_NAME,
  BASIC_CONSTRAINTS,
  AUTHORITY_KEY_ID,
  EXTENDED_KEY_USAGE,
  SCT_LIST,
];

/**
 * Claims by their number; unknown numbers are left out, malformed known ones refused. So is every critical
 * extension that we do not understand: it forbids to use the certificate (RFC 5280 4.2).
 */
export function readClaims({ extensions }: Certificate): ReadonlyMap<number, string> {
  const claims = new Map<number, string>();
  for (const [oid, { critical, value }] of extensions) {
    if (KNOWN.includes(oid)) continue;
    const number = oid.startsWith(FULCIO_ARC) ? Number.parseInt(oid.slice(FULCIO_ARC.length), 10) : 0;
    // An arc below a claim is none.
    const isFinal = oid === FULCIO_ARC + number;
    if (isFinal && number >= 1 && number <= LAST_CLAIM && number !== USERNAME) {
      const what = `the claim ${number} in the certificate`;
      const text = number > LAST_BARE_CLAIM ? contentOf(parseDer(value), UTF8_STRING, what) : value;
      claims.set(number, decodeText(text, what));
    } else if (critical) {
      refuse(`the certificate has the unknown critical extension ${oid}`);
    }
  }
  return claims;
}

/** GeneralNames with exactly one name: who signs must not depend on which one a reader picks. */
function readSan(leaf: Certificate): San {
  const san = extensionOf(leaf, SUBJECT_ALT_NAME);
  if (san === undefined) return refuse('the certificate names no identity');
  const names = expectTag(san, SEQUENCE, 'the identity').children;
  const [name] = names;
  if (name === undefined || names.length > 1) {
    return refuse('the certificate does not name exactly one identity');
  }
  switch (name.tag) {
    case 0x81:
      return { type: 'email', value: asciiOf(name) };
    case 0x86:
      return { type: 'uri', value: asciiOf(name) };
    default:
      return { type: 'username', value: usernameOf(name) };
  }
}

/** OtherName ::= [0] SEQUENCE { type-id, value [0] EXPLICIT UTF8String } */
function usernameOf(name: DerNode): string {
  const what = 'the user name in the certificate';
  const { 0: type, 1: wrapped } = childrenOf(name, 0xa0, what, [2]);
  if (oidOf(type, what) !== FULCIO_ARC + USERNAME) {
    return refuse('the certificate names an identity of an unknown kind');
  }
  const { 0: value } = childrenOf(wrapped, 0xa0, what, [1]);
  const text = decodeText(contentOf(value, UTF8_STRING, what), what);
  return isPlain(text) ? text : refuse(`${what} is empty or has control characters`);
}

function asciiOf(name: DerNode): string {
  const text = view(contentOf(name, name.tag, '')).toString('latin1');
  return /^[!-~]{1,2048}$/.test(text)
    ? text
    : refuse('the identity in the certificate is not printable ASCII');
}

/** Claim 8, else its forerunner 1; where both are there they must agree. */
function issuerOf(claims: ReadonlyMap<number, string>): string {
  const issuer = claims.get(8) ?? claims.get(1) ?? '';
  // Without spaces and parentheses nothing in it can look like the end of itself.
  if (!/^[!-'*-~]{1,2048}$/.test(issuer))
    return refuse('the certificate does not say who vouched for the identity');
  const agree = (claims.get(1) ?? issuer) === issuer;
  return agree ? issuer : refuse('the certificate names two issuers of the identity');
}

/** Something of bearable length, and no control characters. */
function isPlain(text: string): boolean {
  return /^[^\x00-\x1f\x7f]{1,2048}$/.test(text);
}
