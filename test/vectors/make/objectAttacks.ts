/** Attacks on what is signed and on how the signature is written. */
import { foldHeader, putTogether } from '../attacks/signedObject.ts';
import { type Attack, broken, changed, changedTag, payload, tagPayload } from './attack.ts';
import { commit, donor, pieces, TAG, tag } from './pieces.ts';

export const OBJECT_ATTACKS: readonly Attack[] = [
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
];
