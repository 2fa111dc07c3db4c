/** Hand-made inputs of up to 1 MiB that would be slow or large for a careless parser. */
import { lengthOf } from '../vectors/attacks/derTree.ts';
import type { Target } from './target.ts';

const MIB = 1 << 20;
const BEGIN = '-----BEGIN SIGNED MESSAGE-----\n';
const END = '-----END SIGNED MESSAGE-----\n';

/** Fills what is left of 1 MiB with copies of a piece, between a head and an end. */
const filled = (piece: string, head = '', end = '') =>
  Buffer.from(
    head + piece.repeat(Math.floor((MIB - head.length - end.length - 1) / piece.length)) + end,
    'latin1',
  );

const wrapped = (tag: number, content: Buffer) =>
  Buffer.concat([Buffer.of(tag), lengthOf(content.length), content]);

function nested(tag: number, times: number): Buffer {
  const parts: Buffer[] = [];
  let length = 0;
  for (let i = 0; i < times && length < MIB - 8; i++) {
    const head = Buffer.concat([Buffer.of(tag), lengthOf(length)]);
    parts.push(head);
    length += head.length;
  }
  return Buffer.concat(parts.reverse());
}

const COMMIT = `tree ${'1'.repeat(40)}\nauthor A <a@b> 1 +0000\ncommitter A <a@b> 1 +0000\n`;

/** By name; each goes to every target. */
const INPUTS: Readonly<Record<string, () => Buffer>> = {
  nothing: () => Buffer.alloc(0),
  'line feeds': () => filled('\n'),
  spaces: () => filled(' '),
  NUL: () => Buffer.alloc(MIB - 1),
  'octets 0xff': () => Buffer.alloc(MIB - 1, 0xff),
  'octets 0x30': () => Buffer.alloc(MIB - 1, 0x30),
  'octets 0x80': () => Buffer.alloc(MIB - 1, 0x80),
  'nested sequences': () => nested(0x30, MIB),
  'nested context tags': () => nested(0xa0, MIB),
  'empty elements': () => wrapped(0x30, Buffer.alloc(MIB - 8, Buffer.of(0x05, 0x00))),
  'empty sets': () => wrapped(0x31, Buffer.alloc(MIB - 8, Buffer.of(0x31, 0x00))),
  'a long OID': () =>
    wrapped(0x30, wrapped(0x06, Buffer.concat([Buffer.alloc(MIB - 20, 0x81), Buffer.of(1)]))),
  OIDs: () => wrapped(0x30, Buffer.alloc(MIB - 8, Buffer.of(6, 3, 0x2a, 3, 4))),
  'a long number': () => wrapped(0x02, Buffer.alloc(MIB - 8, 0x7f)),
  'a long octet string': () => wrapped(0x30, wrapped(0x04, Buffer.alloc(MIB - 16, 0x30))),
  'protobuf fields': () => Buffer.alloc(MIB - 1, Buffer.of(0x22, 0x00)),
  'protobuf varints': () => Buffer.alloc(MIB - 1, Buffer.of(0x08, 0x01)),
  'nested protobuf': () => Buffer.alloc(MIB - 1, Buffer.of(0x32, 0xff, 0xff, 0x3f)),
  'an armor of A': () => filled('A', BEGIN, `\n${END}`),
  'an armor of lines': () => filled(`${'A'.repeat(64)}\n`, BEGIN, END),
  'an armor of line feeds': () => filled('\n', BEGIN, END),
  'an armor of =': () => filled('=', BEGIN, `\n${END}`),
  armors: () => filled(BEGIN + END),
  'begin lines': () => filled(BEGIN),
  'begins without line feed': () => filled('-----BEGIN '),
  dashes: () => filled('-'),
  ends: () => filled(`\n${END}`, BEGIN),
  'gpgsig lines': () => filled('gpgsig x\n', COMMIT, '\nm\n'),
  'gpgsig lines without end': () => filled('gpgsig x\n', COMMIT),
  'gpgsig without value': () => filled('gpgsig\n', COMMIT, '\nm\n'),
  'a folded gpgsig': () => filled(' x\n', `${COMMIT}gpgsig y\n`, '\nm\n'),
  'a folded gpgsig of empty lines': () => filled(' \n', `${COMMIT}gpgsig ${BEGIN}`, '\nm\n'),
  'a gpgsig that folds begin lines': () => filled(` ${BEGIN}`, `${COMMIT}gpgsig x\n`, '\nm\n'),
  parents: () => filled(`parent ${'2'.repeat(40)}\n`, `tree ${'1'.repeat(40)}\n`, `\nm\n`),
  authors: () => filled('author A <a@b> 1 +0000\n', `tree ${'1'.repeat(40)}\n`, '\nm\n'),
  encodings: () => filled('encoding x\n', COMMIT, '\nm\n'),
  'an author of <': () => filled('<', `tree ${'1'.repeat(40)}\nauthor `, '> 1 +0000\n\n'),
  'an author of digits': () => filled('1', `tree ${'1'.repeat(40)}\nauthor A <a@b> `, ' +0000\n\n'),
  'a zone of digits': () => filled('0', `tree ${'1'.repeat(40)}\nauthor A <a@b> 1 +`, '\n\n'),
  'a push certificate of options': () =>
    filled('push-option x\n', 'certificate version 0.1\npusher a\n', '\nx\n'),
  'a push certificate of nonces': () => filled('nonce \n', 'certificate version 0.1\npusher a\n', '\nx\n'),
  'a checkpoint of lines': () => filled('\u2014 a AAAAAAAA\n', 'log.toy.test - 1\n1\nAAAA\n\n'),
  'a checkpoint of extensions': () => filled('x\n', 'log.toy.test - 1\n1\nAAAA\n', '\n\u2014 a AAAAAAAA\n'),
  'an origin of " - "': () => filled(' - 1', 'log', '\n1\nAAAA\n\nx\n'),
  'nested lists': () => filled('['),
  'nested lists, closed': () => Buffer.from('['.repeat(MIB / 2 - 1) + ']'.repeat(MIB / 2 - 1)),
  'nested objects': () => filled('{"a":'),
  'a list of zeros': () => filled('0,', '[', '0]'),
  'a list of objects': () => filled('{},', '{"tlogs":[', '{}]}'),
  'many certificates': () =>
    filled('"",', '{"signedCertificateEmbeddedSct":{"chain":{"certificates":[', '""]}}}'),
  'a long certificate': () =>
    filled(
      'A',
      '{"signedCertificateEmbeddedSct":{"chain":{"certificates":["-----BEGIN CERTIFICATE-----\\n',
      '\\n-----END CERTIFICATE-----"]}}}',
    ),
  'a certificate of line feeds': () =>
    filled(
      '\\n',
      '{"signedCertificateEmbeddedSct":{"chain":{"certificates":["-----BEGIN CERTIFICATE-----\\n',
      'x"]}}}',
    ),
  'many members': () => Buffer.from(`{${Array.from({ length: 60_000 }, (_, i) => `"${i}":{}`).join(',')}}`),
  'a message of letters': () => filled('A', '{"message":"', '"}'),
  'a message of escapes': () => filled('\\u0000', '{"message":"', '"}'),
  'a long host': () => filled('a', 'https://', '/'),
  'a path of dots': () => filled('../', 'https://a/'),
  settings: () => filled('signet.allow\na@b github\0'),
  'settings without value': () => filled('signet.requirepolicy\0'),
  'a boolean of zeros': () => filled('0', 'signet.requirepolicy\n', 'x\0'),
  'a dotted token': () => filled('.', 'a'),
  'a token of letters': () => filled('a', '', '.a.a'),
  options: () => filled('-s\n'),
  'a cluster of options': () => filled('b', '-'),
  addresses: () => filled('<a@b>', 'committer A '),
  committers: () => filled('committer \n'),
  'a mail of at signs': () => filled('@', '', ' github'),
  'backspaces and bells': () => filled('\b\x07\x1b['),
};

export function* worstCases(
  targets: readonly Target[],
): Generator<{ target: Target; name: string; input: Buffer }> {
  // Those that are few because they are slow answer in bounded time by other limits.
  for (const target of targets.filter(({ share = 1 }) => share === 1)) {
    for (const [name, make] of Object.entries(INPUTS)) yield { target, name, input: make() };
    const [seed = Buffer.alloc(0)] = target.seeds();
    for (const at of [0, seed.length >> 2, seed.length >> 1, seed.length - 1]) {
      for (const filler of ['\n', ' ', 'A', '0', '\0', '-']) {
        const input = Buffer.concat([
          seed.subarray(0, at),
          filled(filler).subarray(seed.length),
          seed.subarray(at),
        ]);
        yield { target, name: `a seed with ${JSON.stringify(filler)} at ${at}`, input };
      }
    }
  }
}
