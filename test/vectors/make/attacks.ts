/**
 * The numbered attacks of docs/threat-model.md that can be an object. What is behaviour (a server, a terminal, files)
 * has a test of its own, which the threat model names.
 */
import { encodeElement, encodeSequence } from '../../../src/core/derEncode.ts';
import { COMMIT, email, extension } from '../../core/toySigstore.ts';
import { ToyAuthority } from '../../core/toyTimestamps.ts';
import { toy } from '../attacks/forge.ts';
import { foldHeader, putTogether } from '../attacks/signedObject.ts';
import { TRUST_CASES } from '../attacks/trustForgeries.ts';
import {
  commit,
  donor,
  forged,
  forgedPayload,
  forgedTagPayload,
  mutated,
  mutatedTag,
  pieces,
  signCommit,
  TAG,
  tag,
} from './pieces.ts';
import { type Witnessed, witnessed } from './witnesses.ts';

export interface Made {
  readonly object: Uint8Array;
  /** The same without the attack; good. */
  readonly control: Uint8Array;
  /** Under which the object is judged, in the place of the common one. */
  readonly trustedRoot?: string;
  readonly kind?: 'commit' | 'tag';
  /** `refused` is bad or unreadable. */
  readonly outcome?: 'refused' | 'unproven' | 'untrusted';
}

export interface Attack {
  /** Of the folder. */
  readonly name: string;
  /** Numbers in docs/threat-model.md. */
  readonly attacks: readonly number[];
  readonly why: string;
  readonly make: () => Made;
  /** Values of signet.allow. */
  readonly allow?: readonly string[];
}

const changed = (name: string) => (): Made => ({ object: mutated(name), control: commit });
const changedTag = (name: string) => (): Made => ({ object: mutatedTag(name), control: tag, kind: 'tag' });
const broken = (name: string) => (): Made => ({ object: forged(name), control: commit });
const payload = (name: string) => (): Made => ({
  object: forgedPayload(name),
  control: forgedPayload('as git writes it'),
});
const tagPayload = (name: string) => (): Made => ({
  object: forgedTagPayload(name),
  control: forgedTagPayload('as git writes it'),
  kind: 'tag',
});
const underTrust = (name: string) => (): Made => {
  const root = TRUST_CASES.find((row) => row[0] === name)?.[2];
  if (root === undefined) throw new Error(`there is no ${name}`);
  return { object: commit, control: commit, trustedRoot: root };
};
const unfit = (control: () => Uint8Array) => (): Made => ({
  object: commit,
  control: control(),
  outcome: 'untrusted',
});

const stamp = (how: Witnessed) => (): Made => ({
  object: witnessed(how).object,
  control: witnessed({ log: how.log }).object,
});

export const ATTACKS: readonly Attack[] = [
  {
    name: 'two_signature_headers',
    attacks: [1],
    why: 'Two signature headers, by two signers: git joins them, and "one of them is good" hides the other.',
    make: () => ({
      object: putTogether({ ...pieces, before: pieces.before + foldHeader('gpgsig', donor.armor) }),
      control: commit,
    }),
  },
  {
    name: 'two_armors_in_one_header',
    attacks: [1, 9],
    why: 'A second armor behind the first: readers differ in which one they judge.',
    make: () => ({ object: putTogether({ ...pieces, armor: pieces.armor + donor.armor }), control: commit }),
  },
  {
    name: 'two_armors_under_a_tag',
    attacks: [1, 8],
    why: 'Two signatures at the end of a tag: the first is text of the tag for whoever looks at the last.',
    make: changedTag('donor signature in front of ours'),
  },
  {
    name: 'two_signers',
    attacks: [1],
    why: 'A second SignerInfo that does not verify stands beside the one that does.',
    make: changed('M63 second signer, broken'),
  },
  {
    name: 'same_name_and_serial_number_twice',
    attacks: [2],
    why: 'Two certificates in the bag bear the name that the signer id gives: which one signed is anyone’s guess.',
    make: changed('M67 leaf twice'),
  },
  {
    name: 'signer_id_of_somebody_else',
    attacks: [2],
    why: 'The signer id names another certificate than the one whose key made the signature.',
    make: changed('M59 signer id of the donor'),
  },
  {
    name: 'certificate_of_somebody_else',
    attacks: [2],
    why: 'The bag holds only somebody else’s certificate.',
    make: changed('M67 certificate of the donor instead'),
  },
  {
    name: 'no_certificates',
    attacks: [3],
    why: 'An empty bag of certificates once crashed a verifier, and the crash counted as success (CVE-2026-44310).',
    make: changed('M67 certificates empty'),
  },
  {
    name: 'no_signer',
    attacks: [3],
    why: 'With no SignerInfo at all, a loop over the signers finds nothing wrong.',
    make: changed('M63 no signer'),
  },
  {
    name: 'empty_der',
    attacks: [3],
    why: 'Nothing between the armor lines.',
    make: changed('M15 armor without base64'),
  },
  {
    name: 'content_inside',
    attacks: [4],
    why: 'The signature carries a payload of its own; judging that one instead of git’s accepts any object.',
    make: changed('M65 content of the donor'),
  },
  {
    name: 'no_signed_attributes',
    attacks: [5],
    why: 'Without signed attributes the signature would be over the content itself, which is how the bytes of another signature’s attributes can be passed off as a payload.',
    make: changed('M47 signed attributes removed'),
  },
  {
    name: 'another_content_type',
    attacks: [5],
    why: 'The signed content type says that something else than plain data was signed.',
    make: changed('M43 both content types changed'),
  },
  {
    name: 'no_message_digest',
    attacks: [5],
    why: 'The signed attributes do not say over which payload they are.',
    make: broken('M39 no messageDigest'),
  },
  {
    name: 'second_tree',
    attacks: [6],
    why: 'Two tree headers, signed right: readers differ in which tree the commit has (CVE-2026-44309).',
    make: payload('M09 two trees'),
  },
  {
    name: 'second_author',
    attacks: [6],
    why: 'Two authors, signed right.',
    make: payload('second author'),
  },
  {
    name: 'parent_behind_the_author',
    attacks: [6],
    why: 'A parent where git does not look for one, signed right.',
    make: payload('M08 parent after the author'),
  },
  {
    name: 'text_behind_nul',
    attacks: [6],
    why: 'Readers that think in C strings do not see what stands behind the NUL.',
    make: payload('M13 NUL in the message'),
  },
  {
    name: 'crlf',
    attacks: [6],
    why: 'Header lines in CRLF: some readers trim the CR, and see another object than was signed.',
    make: payload('all in CRLF'),
  },
  {
    name: 'signature_of_a_merged_tag',
    attacks: [7],
    why: 'The only signature stands inside the mergetag, made by whoever tagged; the merge itself is not signed.',
    make: changed('signature within a mergetag'),
  },
  {
    name: 'signature_in_the_message',
    attacks: [7],
    why: 'An armor in the message of a commit is text, not its signature.',
    make: changed('signature in the message'),
  },
  {
    name: 'unsigned_tag',
    attacks: [8],
    why: 'An annotated tag without any signature (GHSA-h829-5cg7-6hff).',
    make: () => ({ object: TAG, control: tag, kind: 'tag' }),
  },
  {
    name: 'text_behind_the_signature',
    attacks: [8, 9],
    why: 'Text behind a tag’s signature is shown, and not signed.',
    make: changedTag('text after the signature'),
  },
  {
    name: 'renamed_tag',
    attacks: [8],
    why: 'The signature of v1 under a tag that calls itself another version.',
    make: changedTag('name of the tag'),
  },
  {
    name: 'tag_with_two_names',
    attacks: [8, 6],
    why: 'Two tag headers, signed right: which name counts?',
    make: tagPayload('tag twice'),
  },
  {
    name: 'junk_before_the_armor',
    attacks: [9],
    why: 'git knows the format by the first line; whoever searches for the armor judges another text.',
    make: () => ({ object: putTogether({ ...pieces, armor: `x\n${pieces.armor}` }), control: commit }),
  },
  {
    name: 'header_in_the_armor',
    attacks: [9],
    why: 'PEM headers are unsigned text that one may change freely.',
    make: changed('M23 header in the armor'),
  },
  {
    name: 'base64_of_urls',
    attacks: [9, 10],
    why: 'A second spelling of the same bytes gives the object a second id under the same signature.',
    make: () => {
      const armor = pieces.armor.replaceAll('+', '-').replace(/\/(?=.*\n)/g, '_');
      return { object: putTogether({ ...pieces, armor }), control: commit };
    },
  },
  {
    name: 'other_line_width',
    attacks: [9, 10],
    why: 'Wrapping the armor anew gives the object a second id under the same signature.',
    make: changed('M27 width of 60'),
  },
  {
    name: 'bytes_behind_the_der',
    attacks: [9, 10],
    why: 'Bytes behind the signature’s DER are not signed.',
    make: changed('M83 bytes after the DER'),
  },
  {
    name: 'header_like_a_signature',
    attacks: [10],
    why: 'git takes every header that begins with gpgsig for one of its own and leaves it out of what it verifies: text that looks signed and is not.',
    make: () => ({
      object: putTogether({ ...pieces, before: `${pieces.before}gpgsigned by the release team\n` }),
      control: commit,
    }),
  },
  {
    name: 'the_other_s',
    attacks: [10],
    why: 'r and n − s make a second valid ECDSA signature; the log entry was made over the first.',
    make: broken('M31 the other s, logged as it was'),
  },
  {
    name: 'signature_of_the_other_hash_function',
    attacks: [11],
    why: 'The header gpgsig-sha256 claims to sign the object’s SHA-256 form; in a SHA-1 repository nothing checks that.',
    make: () => ({ object: putTogether({ ...pieces, header: 'gpgsig-sha256' }), control: commit }),
  },
  {
    name: 'log_entry_of_another_signature',
    attacks: [12],
    why: 'A whole, right log entry – of another commit’s signature (CVE-2024-51746, CVE-2026-22703).',
    make: changed('M95 whole entry of the donor'),
  },
  {
    name: 'log_entry_of_another_digest',
    attacks: [12],
    why: 'The log holds an entry with this signature and certificate over other bytes.',
    make: broken('X25 digest of other bytes'),
  },
  {
    name: 'promise_of_another_entry',
    attacks: [12],
    why: 'The log’s promise was given for another index.',
    make: broken('X34 promise over another index'),
  },
  {
    name: 'unknown_log',
    attacks: [13],
    why: 'Everything is signed right by a log that is not in the trusted root (CVE-2023-47122).',
    make: broken('X19 unknown log'),
  },
  {
    name: 'ct_log_as_log',
    attacks: [13],
    why: 'A key that is trusted for another purpose.',
    make: broken('X19 the CT log as log'),
  },
  {
    name: 'log_of_another_time',
    attacks: [13],
    why: 'The log’s key had been retired before the entry’s time; whoever has it now may say what they like.',
    make: underTrust('X22 log until a second ago'),
  },
  {
    name: 'logged_after_the_end',
    attacks: [14],
    why: 'Logged one second after the certificate’s end: by then its key may be anybody’s.',
    make: broken('X01 logged one second after'),
  },
  {
    name: 'logged_before_the_start',
    attacks: [14],
    why: 'Logged one second before the certificate began.',
    make: broken('X02 logged one second before'),
  },
  {
    name: 'time_that_nobody_promised',
    attacks: [14],
    why: 'The time of the entry was changed: only the promise vouches for it.',
    make: broken('X34 promise over another time'),
  },
  {
    name: 'no_log_entry',
    attacks: [14],
    why: 'Nothing proves when it was signed. Not good, and not bad either: unproven.',
    make: () => ({ object: forged('no entry'), control: commit, outcome: 'unproven' }),
  },
  {
    name: 'timestamp_of_another_signature',
    attacks: [12, 14],
    why: 'A right timestamp token – over another signature.',
    make: stamp({ log: 'v1', stamped: () => Buffer.from('another signature') }),
  },
  {
    name: 'timestamp_of_an_unknown_authority',
    attacks: [13, 14],
    why: 'A timestamp authority that is not in the trusted root stamps whatever time it likes.',
    make: stamp({ log: 'v2', by: new ToyAuthority() }),
  },
  {
    name: 'timestamp_after_the_end',
    attacks: [14],
    why: 'Stamped after the certificate’s end, with a log that gives no time of its own.',
    make: stamp({ log: 'v2', time: '20260601121001Z' }),
  },
  {
    name: 'two_witnesses_that_disagree',
    attacks: [14],
    why: 'The log’s time lies within the certificate’s, the timestamp’s before it: every time that is there must hold.',
    make: stamp({ log: 'v1', time: '20260601115959Z' }),
  },
  {
    name: 'rekor_v2_without_timestamp',
    attacks: [14],
    why: 'A Rekor v2 log says that a signature is public, and not since when: unproven.',
    make: () => ({ ...stamp({ log: 'v2', withoutToken: true })(), outcome: 'unproven' }),
  },
  {
    name: 'authority_of_another_time',
    attacks: [14],
    why: 'The authority was not trusted any more when the signature was made.',
    make: underTrust('X16 authority until a second ago'),
  },
  {
    name: 'no_sct',
    attacks: [15],
    why: 'A certificate that was never published in a CT log: its authority can issue in secret.',
    make: () => ({ object: signCommit(COMMIT, { scts: () => [] }), control: commit }),
  },
  {
    name: 'sct_of_another_time',
    attacks: [15],
    why: 'The CT log signed another time than the SCT says.',
    make: broken('X06 SCT signature of another time'),
  },
  {
    name: 'ct_log_until_a_second_ago',
    attacks: [15],
    why: 'The CT log was not trusted any more at the SCT’s time.',
    make: underTrust('X05 CT log until a second ago'),
  },
  {
    name: 'two_identities',
    attacks: [16],
    why: 'Two names in one certificate: who signed would depend on the one that a reader picks.',
    make: broken('X14 two addresses'),
  },
  {
    name: 'no_issuer',
    attacks: [16],
    why: 'Nobody vouches for the name: any provider may say it.',
    make: broken('issuer empty'),
  },
  {
    name: 'two_issuers',
    attacks: [16],
    why: 'Two claims name two providers.',
    make: broken('issuers differ'),
  },
  {
    name: 'another_issuer_than_allowed',
    attacks: [16],
    why: 'The right address, vouched for by a provider that the policy does not name.',
    allow: ['alice@example.com https://issuer.example/other', 'bob@example.com https://issuer.example'],
    make: unfit(bobs),
  },
  {
    name: 'address_in_upper_case',
    attacks: [16],
    why: 'Addresses are compared byte for byte: whether upper and lower case are one mailbox only its host knows.',
    allow: ['Alice@example.com https://issuer.example', 'bob@example.com https://issuer.example'],
    make: unfit(bobs),
  },
  {
    name: 'address_that_a_pattern_would_match',
    attacks: [16],
    why: 'A dot in the policy is a dot, and what it names is matched whole.',
    allow: [
      'lice@example.com https://issuer.example',
      '.*@example.com https://issuer.example',
      'bob@example.com https://issuer.example',
    ],
    make: unfit(bobs),
  },
  {
    name: 'uri_for_an_address',
    attacks: [16],
    why: 'The text of an allowed address in the certificate’s field for URIs: another kind of name is somebody else.',
    allow: ['alice@example.com https://issuer.example'],
    make: () => {
      const uri = encodeSequence(encodeElement(0x86, Buffer.from('alice@example.com')));
      const object = signedAs(extension('2.5.29.17', uri, true));
      return { object, control: commit, outcome: 'untrusted' };
    },
  },
  {
    name: 'line_feed_in_a_user_name',
    attacks: [18],
    why: 'The name holds a line feed and a status line of its own, to be printed where git reads.',
    make: broken('S02 user name with a line feed'),
  },
  {
    name: 'escape_in_the_issuer',
    attacks: [18],
    why: 'The issuer holds a sequence that clears the terminal.',
    make: broken('issuer with an escape'),
  },
  {
    name: 'deep_nesting',
    attacks: [24],
    why: 'Three thousand elements inside each other: a parser that recurses ends in a stack overflow.',
    make: changed('M87 a million of nested elements'),
  },
  {
    name: 'a_hundred_certificates',
    attacks: [24],
    why: 'More certificates than anybody needs, each of which would have to be parsed.',
    make: changed('M67 a hundred certificates'),
  },
  {
    name: 'seventy_hashes',
    attacks: [24],
    why: 'An inclusion proof longer than any tree is high.',
    make: broken('M111 seventy hashes'),
  },
  {
    name: 'endless_number',
    attacks: [24, 25],
    why: 'A varint without end in the log entry.',
    make: changed('M141 endless varint'),
  },
  {
    name: 'indefinite_length',
    attacks: [25],
    why: 'BER instead of DER: two parsers find two structures in the same bytes (CVE-2025-12816).',
    make: changed('M83 indefinite length outside'),
  },
  {
    name: 'signature_in_pieces',
    attacks: [25],
    why: 'A constructed OCTET STRING, which only BER knows.',
    make: changed('M138 signature in pieces'),
  },
  {
    name: 'ecdsa_value_with_a_third_number',
    attacks: [25],
    why: 'Lenient parsers pass over what follows r and s.',
    make: changed('M35 third integer'),
  },
  {
    name: 'weak_digest',
    attacks: [25],
    why: 'MD5 as digest algorithm.',
    make: changed('M51 digest algorithm MD5'),
  },
];

/** Signed by somebody whom the same policy allows. */
function bobs(): Uint8Array {
  return signedAs(email('bob@example.com'));
}

function signedAs(name: Uint8Array): Uint8Array {
  const [signs, purpose, authority, , issuer] = toy.leafExtensions();
  const extensions = [signs, purpose, authority, name, issuer];
  return signCommit(COMMIT, { leaf: { extensions: extensions.filter((part) => part !== undefined) } });
}
