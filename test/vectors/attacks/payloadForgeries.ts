/** Payloads that are signed and logged right, but that readers of git objects do not all understand alike. */
import type { Expected } from './leafForgeries.ts';

const ID = (digit: string) => digit.repeat(40);
const PERSON = 'Alice <alice@example.com> 1780315200 +0200';
const commit = (...headers: readonly string[]) =>
  `${headers.map((header) => `${header}\n`).join('')}\nmessage\n`;
const [tree, parent, author, committer] = [
  `tree ${ID('1')}`,
  `parent ${ID('2')}`,
  `author ${PERSON}`,
  `committer ${PERSON}`,
];
const [object, type, tag, tagger] = [`object ${ID('1')}`, 'type commit', 'tag v1', `tagger ${PERSON}`];
const person = (who: string) => commit(tree, `author ${who}`, committer);

export const COMMIT_PAYLOADS: readonly (readonly [name: string, expected: Expected, payload: string])[] = [
  ['as git writes it', 'good', commit(tree, author, committer)],
  ['two parents', 'good', commit(tree, parent, `parent ${ID('3')}`, author, committer)],
  ['encoding', 'good', commit(tree, author, committer, 'encoding ISO-8859-1')],
  ['header of others', 'good', commit(tree, author, committer, 'HG:extra x', 'change-id abc')],
  ['S22 no message', 'good', `${[tree, author, committer].join('\n')}\n\n`],
  [
    'S24 mergetag',
    'good',
    commit(
      tree,
      parent,
      author,
      committer,
      `mergetag object ${ID('4')}\n type commit\n tag x\n tagger ${PERSON}\n \n text`,
    ),
  ],
  ['parent twice', 'good', commit(tree, parent, parent, author, committer)],
  ['M09 two trees', 'refused', commit(tree, `tree ${ID('3')}`, author, committer)],
  ['M09 second tree at the end', 'refused', commit(tree, author, committer, `tree ${ID('3')}`)],
  ['M08 parent before the tree', 'refused', commit(parent, tree, author, committer)],
  ['M08 parent after the author', 'refused', commit(tree, author, parent, committer)],
  ['M08 parent after the committer', 'refused', commit(tree, author, committer, parent)],
  ['second author', 'refused', commit(tree, author, author, committer)],
  ['second author at the end', 'refused', commit(tree, author, committer, author)],
  ['second committer', 'refused', commit(tree, author, committer, committer)],
  ['second encoding', 'refused', commit(tree, author, committer, 'encoding a', 'encoding b')],
  ['no author', 'refused', commit(tree, committer)],
  ['no committer', 'refused', commit(tree, author)],
  ['committer first', 'refused', commit(tree, committer, author)],
  ['tree in upper case', 'refused', commit(`tree ${ID('A')}`, author, committer)],
  ['tree cut short', 'refused', commit(`tree ${ID('1').slice(1)}`, author, committer)],
  ['tree of 64 digits', 'refused', commit(`tree ${'1'.repeat(64)}`, author, committer)],
  ['tree with a space behind', 'refused', commit(`${tree} `, author, committer)],
  ['tree in CRLF', 'refused', commit(`${tree}\r`, author, committer)],
  ['all in CRLF', 'refused', commit(tree, author, committer).replaceAll('\n', '\r\n')],
  ['continued tree', 'refused', commit(`${tree}\n x`, author, committer)],
  ['continued committer', 'refused', commit(tree, author, `${committer}\n x`)],
  ['author without date', 'refused', person('Alice <alice@example.com>')],
  ['author without address', 'refused', person('Alice 1780315200 +0200')],
  ['author without zone', 'refused', person('Alice <alice@example.com> 1780315200')],
  ['author with two addresses', 'refused', person('Alice <a@b> <c@d> 1780315200 +0200')],
  ['author with text after the zone', 'refused', person('Alice <a@b> 1780315200 +0200 x')],
  ['author without name', 'good', person('<a@b> 1780315200 +0200')],
  ['author with a name in UTF-8', 'good', person('\xc3\x84lice <a@b> 1780315200 +0200')],
  ['M13 NUL in the message', 'refused', `${commit(tree, author, committer)}\0more\n`],
  ['M13 NUL in the name', 'refused', person('Al\0ice <a@b> 1780315200 +0200')],
  ['no blank line', 'refused', `${[tree, author, committer].join('\n')}\n`],
  ['byte order mark', 'refused', `\xef\xbb\xbf${commit(tree, author, committer)}`],
  ['line feed in front', 'refused', `\n${commit(tree, author, committer)}`],
  ['text', 'refused', 'some text\n'],
  ['a tag', 'refused', commit(object, type, tag, tagger)],
  [
    'a push certificate',
    'refused',
    `certificate version 0.1\npusher x\n\n${ID('0')} ${ID('1')} refs/heads/main\n`,
  ],
];

export const TAG_PAYLOADS: typeof COMMIT_PAYLOADS = [
  ['as git writes it', 'good', commit(object, type, tag, tagger)],
  ['of a tag', 'good', commit(object, 'type tag', tag, tagger)],
  [
    'S25 with an armor in its text',
    'good',
    `${commit(object, type, tag, tagger)}-----BEGIN SIGNED MESSAGE-----\nAAAA\n-----END SIGNED MESSAGE-----\n`,
  ],
  [
    'with PGP in its text',
    'good',
    `${commit(object, type, tag, tagger)}-----BEGIN PGP SIGNATURE-----\nAAAA\n`,
  ],
  ['without final line feed', 'refused', commit(object, type, tag, tagger).slice(0, -1)],
  ['object twice', 'refused', commit(object, object, type, tag, tagger)],
  ['second object at the end', 'refused', commit(object, type, tag, tagger, object)],
  ['type twice', 'refused', commit(object, type, 'type tree', tag, tagger)],
  ['tag twice', 'refused', commit(object, type, tag, 'tag v2', tagger)],
  ['no tagger', 'refused', commit(object, type, tag)],
  ['unknown type', 'refused', commit(object, 'type commits', tag, tagger)],
  ['unknown header', 'refused', commit(object, type, tag, tagger, 'x y')],
  ['name with a line feed', 'refused', commit(object, type, 'tag v1\n2', tagger)],
  ['no name', 'refused', commit(object, type, 'tag ', tagger)],
  ['M13 NUL in the text', 'refused', `${commit(object, type, tag, tagger)}\0\n`],
  ['a commit', 'refused', commit(tree, author, committer)],
];
