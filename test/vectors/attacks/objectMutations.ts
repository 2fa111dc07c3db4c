/** Mutations of the object around its signature: headers, message, armor. */
import type { Table } from './mutations.ts';
import { armorOf, derOf, foldHeader, type Pieces, putTogether } from './signedObject.ts';

type Edit = (text: string) => string;
const before = (base: Pieces, edit: Edit) => putTogether({ ...base, before: edit(base.before) });
const after = (base: Pieces, edit: Edit) => putTogether({ ...base, after: edit(base.after) });
const armor = (base: Pieces, edit: Edit) => putTogether({ ...base, armor: edit(base.armor) });
/** Where the header ends. */
const header = (base: Pieces, edit: Edit) =>
  before(base, (text) => {
    const end = base.kind === 'tag' ? text.indexOf('\n\n') + 1 : text.length;
    return edit(text.slice(0, end)) + text.slice(end);
  });

const PARENT = `parent ${'a'.repeat(40)}\n`;

/** Of commits and tags. */
export const ANY_OBJECT: Table = [
  ['M04 committer or tagger changed', (b) => header(b, (t) => t.replace(/(committer|tagger) ./, '$1 X'))],
  ['M04 date of the committer', (b) => header(b, (t) => t.replace(/> (\d+) ([+-]\d{4}\n)$/, '> 1 $2'))],
  ['M04 zone of the committer', (b) => header(b, (t) => t.replace(/ [+-]\d{4}\n$/, ' +1234\n'))],
  ['M12 CR at the end of the header', (b) => header(b, (t) => t.replace(/\n$/, '\r\n'))],
  ['M12 all lines in CRLF', (b) => header(b, (t) => t.replaceAll('\n', '\r\n'))],
  ['M12 space at the end of a header line', (b) => header(b, (t) => t.replace(/\n$/, ' \n'))],
  ['byte order mark in front', (b) => header(b, (t) => `\xef\xbb\xbf${t}`)],
  ['line feed in front', (b) => header(b, (t) => `\n${t}`)],
  ['unknown header added', (b) => header(b, (t) => `${t}x-reviewed-by bob\n`)],
  ['encoding header added', (b) => header(b, (t) => `${t}encoding UTF-16\n`)],
  ['continuation line added', (b) => header(b, (t) => `${t} more\n`)],
  ['NUL in the header', (b) => header(b, (t) => `${t.slice(0, -1)}\0\n`)],
  ['first header again at the end', (b) => header(b, (t) => `${t}${t.slice(0, t.indexOf('\n') + 1)}`)],
  ['header in upper case', (b) => header(b, (t) => t.charAt(0).toUpperCase() + t.slice(1))],
  ['tab for a space', (b) => header(b, (t) => t.replace(' ', '\t'))],
  ['two spaces', (b) => header(b, (t) => t.replace(' ', '  '))],
  ['object id in upper case', (b) => header(b, (t) => t.replace(/[0-9a-f]{40}/, (id) => id.toUpperCase()))],
  ['object id of 64 digits', (b) => header(b, (t) => t.replace(/[0-9a-f]{40}/, (id) => id + '0'.repeat(24)))],

  ['M15 armor without base64', (b) => armor(b, (t) => t.replace(/-\n[^-]*-/, '-\n-'))],
  ['M15 only the first line of the armor', (b) => armor(b, (t) => t.slice(0, t.indexOf('\n') + 1))],
  ['M23 header in the armor', (b) => armor(b, (t) => t.replace('\n', '\nVersion: 1\n\n'))],
  ['M23 Proc-Type header', (b) => armor(b, (t) => t.replace('\n', '\nProc-Type: 4,ENCRYPTED\n\n'))],
  ['M27 width of 60', (b) => armor(b, () => armorOf(derOf(b), 60))],
  ['M27 one line', (b) => armor(b, () => armorOf(derOf(b), 1 << 20))],
  ['M27 first line shorter', (b) => armor(b, (t) => t.replace(/(-\n.{10})/, '$1\n'))],
  ['M27 padding added', (b) => armor(b, (t) => t.replace('\n-----END', '=\n-----END'))],
  ['M27 padding of four', (b) => armor(b, (t) => t.replace('\n-----END', '\n====\n-----END'))],
  ['space in the base64', (b) => armor(b, (t) => t.replace(/(-\n.{10})/, '$1 '))],
  ['tab at the end of a line', (b) => armor(b, (t) => t.replace(/(-\n.{64})/, '$1\t'))],
  ['CRLF in the armor', (b) => armor(b, (t) => t.replaceAll('\n', '\r\n'))],
  ['CR before the last line feed', (b) => armor(b, (t) => t.replace(/\n$/, '\r\n'))],
  ['two end lines', (b) => armor(b, (t) => `${t}-----END SIGNED MESSAGE-----\n`)],
  ['two begin lines', (b) => armor(b, (t) => `-----BEGIN SIGNED MESSAGE-----\n${t}`)],
  ['end line of another label', (b) => armor(b, (t) => t.replace('END SIGNED MESSAGE', 'END PKCS7'))],
  ['end line with a sixth dash', (b) => armor(b, (t) => t.replace(/-----\n$/, '------\n'))],
  ['NUL after the armor', (b) => armor(b, (t) => `${t}\0\n`)],
  ['blank line within the armor', (b) => armor(b, (t) => t.replace(/(-\n.{64}\n)/, '$1\n'))],
  [
    'PGP armor behind',
    (b) => armor(b, (t) => `${t}-----BEGIN PGP SIGNATURE-----\n\nAA\n-----END PGP SIGNATURE-----\n`),
  ],
  ['byte order mark before the armor', (b) => armor(b, (t) => `\xef\xbb\xbf${t}`)],
  ['base64 of other length', (b) => armor(b, (t) => t.replace(/(.)(=*\n-----END)/, '$2'))],
];

export const COMMIT_ONLY: Table = [
  ['M08 parent added', (b) => header(b, (t) => t.replace('\nauthor ', `\n${PARENT}author `))],
  [
    'M08 parent after the author',
    (b) => header(b, (t) => t.replace('\ncommitter ', `\n${PARENT}committer `)),
  ],
  ['M08 parent after the committer', (b) => header(b, (t) => t + PARENT)],
  [
    'M08 parents swapped',
    (b) => {
      const swapped = b.before.replace(/(parent .*\n)(parent .*\n)/, '$2$1');
      return swapped === b.before ? undefined : before(b, () => swapped);
    },
  ],
  [
    'author and committer swapped',
    (b) => header(b, (t) => t.replace(/(author .*\n)(committer .*\n)/, '$2$1')),
  ],
  ['second author', (b) => header(b, (t) => t.replace(/(author .*\n)/, '$1$1'))],
  ['second committer', (b) => header(b, (t) => t.replace(/(committer .*\n)/, '$1$1'))],
  ['M15 empty signature header', (b) => putTogether({ ...b, armor: '\n' })],
  ['M15 signature header without value', (b) => before(b, (t) => `${t}gpgsig\n`)],
  [
    'M19 continuation without space',
    (b) => {
      const raw = putTogether(b).toString('latin1');
      return Buffer.from(raw.replace(/(BEGIN SIGNED MESSAGE-----\n.*\n) /, '$1'), 'latin1');
    },
  ],
  [
    'M19 continuation with a tab',
    (b) => {
      const raw = putTogether(b).toString('latin1');
      return Buffer.from(raw.replace(/(BEGIN SIGNED MESSAGE-----\n.*\n) /, '$1\t'), 'latin1');
    },
  ],
  [
    'M19 continuation with two spaces',
    (b) => {
      const raw = putTogether(b).toString('latin1');
      return Buffer.from(raw.replace(/(BEGIN SIGNED MESSAGE-----\n.*\n) /, '$1  '), 'latin1');
    },
  ],
  [
    'M19 empty line within the signature',
    (b) => {
      const raw = putTogether(b).toString('latin1');
      return Buffer.from(raw.replace(/(BEGIN SIGNED MESSAGE-----\n.*\n) /, '$1\n '), 'latin1');
    },
  ],
  ['signature in the message', (b) => Buffer.from(b.before + b.after + b.armor, 'latin1')],
  [
    'signature header after the message',
    (b) => Buffer.from(b.before + b.after + foldHeader('gpgsig', b.armor), 'latin1'),
  ],
  [
    'signature within a mergetag',
    (b) =>
      before(
        { ...b, armor: '' },
        (t) =>
          `${t}mergetag object ${'a'.repeat(40)}\n ${foldHeader('gpgsig', b.armor).replaceAll('\n', '\n ')}\n`,
      ),
  ],
  ['header that only begins like a signature', (b) => before(b, (t) => `${t}gpgsigned yes\n`)],
  ['signature header in upper case', (b) => putTogether({ ...b, header: 'GPGSIG' })],
  [
    'donor in the header of the other hash function, ours removed',
    (b, d) => putTogether({ ...b, header: 'gpgsig-sha256', armor: d.armor }),
  ],
  ['message behind a NUL', (b) => after(b, (t) => `${t}\0more\n`)],
  ['form feed in the message', (b) => after(b, (t) => `${t}\f`)],
  ['space at the end of the message', (b) => after(b, (t) => `${t} `)],
  ['second blank line', (b) => after(b, (t) => `\n${t}`)],
  ['message in CRLF', (b) => after(b, (t) => t.replaceAll('\n', '\r\n'))],
  ['byte order mark before the message', (b) => after(b, (t) => t.replace('\n', '\n\xef\xbb\xbf'))],
  ['trailer added', (b) => after(b, (t) => `${t}\nSigned-off-by: Bob <b@c>\n`)],
];

export const TAG_ONLY: Table = [
  ['text after the signature', (b) => putTogether({ ...b, armor: `${b.armor}text\n` })],
  ['text before the signature', (b) => putTogether({ ...b, before: `${b.before}text\n` })],
  ['name of the tag', (b) => header(b, (t) => t.replace(/\ntag /, '\ntag v'))],
  ['type of the object', (b) => header(b, (t) => t.replace('\ntype commit', '\ntype tree'))],
  ['second tag header', (b) => header(b, (t) => t.replace(/(\ntag .*)/, '$1$1'))],
  ['donor signature behind ours', (b, d) => putTogether({ ...b, armor: b.armor + d.armor })],
  ['donor signature in front of ours', (b, d) => putTogether({ ...b, armor: d.armor + b.armor })],
  ['signature without its last line feed', (b) => putTogether({ ...b, armor: b.armor.slice(0, -1) })],
  ['signature twice', (b) => putTogether({ ...b, armor: b.armor + b.armor })],
  ['armor after a text on its line', (b) => putTogether({ ...b, before: `${b.before}x` })],
];
