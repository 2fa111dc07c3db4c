/** Attacks on who signed, and on whoever parses it. */
import { encodeElement, encodeSequence } from '../../../src/core/derEncode.ts';
import { COMMIT, email, extension } from '../../core/toySigstore.ts';
import { toy } from '../attacks/forge.ts';
import { type Attack, broken, changed, unfit } from './attack.ts';
import { commit, signCommit } from './pieces.ts';

export const SIGNER_ATTACKS: readonly Attack[] = [
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
