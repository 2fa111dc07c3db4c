import { lengthOf, readTree, type Tree, writeTree } from '../vectors/attacks/derTree.ts';
import type { Inner } from './mangle.ts';
import type { Random } from './random.ts';

const TAGS = [1, 2, 3, 4, 5, 6, 12, 19, 22, 23, 24, 0x30, 0x31, 0x24, 0x80, 0xa0, 0xa1, 0xa3, 0, 0x1f, 0x3f];

/** Changes one element of what is DER, or what lies inside one; undefined for anything else. */
export function mangleDer(bytes: Buffer, random: Random, inner: Inner, donor: Buffer): Buffer | undefined {
  const tree = tryRead(bytes);
  if (tree === undefined) return undefined;
  const elements = listOf(tree);
  const element = random.pick(elements);
  if (element.children === undefined && random.chance(60)) element.content = mangleContent(element, inner);
  else change(element, random, elements, donor);
  return writeTree(tree);
}

function tryRead(bytes: Buffer): Tree | undefined {
  if (![0x30, 0x31, 0x04, 0x03, 0x0c, 0xa0].includes(bytes[0] ?? 0)) return undefined;
  try {
    return readTree(bytes);
  } catch {
    return undefined;
  }
}

function listOf(tree: Tree): readonly Tree[] {
  return [tree, ...(tree.children ?? []).flatMap(listOf)];
}

/** The first octet of a BIT STRING counts unused bits. */
function mangleContent({ tag, content }: Tree, inner: Inner): Buffer {
  return tag === 3 && content.length > 1
    ? Buffer.concat([content.subarray(0, 1), inner(content.subarray(1))])
    : inner(content);
}

function change(element: Tree, random: Random, all: readonly Tree[], donor: Buffer): void {
  const { children } = element;
  const encoded = writeTree(element);
  const place = random.int(children?.length ?? 0);
  switch (random.int(12)) {
    case 0:
      element.tag = random.pick(TAGS);
      return;
    case 1:
      children?.splice(place, 1);
      return;
    case 2: {
      const times = 1 + random.int(random.chance(95) ? 3 : 300);
      const copies = Array.from({ length: times }, () => children?.[place] ?? element);
      if (children !== undefined && copies[0] !== element) children.splice(place, 0, ...copies);
      return;
    }
    case 3:
      children?.reverse();
      return;
    case 4:
      element.raw = writeTree(random.pick(all));
      return;
    case 5: {
      const other = listOf(tryRead(donor) ?? element);
      element.raw = writeTree(random.pick(other));
      return;
    }
    case 6:
      element.raw = withLength(
        element,
        Buffer.concat([Buffer.of(0x82, 0), lengthOf(bodyOf(element).length)]),
      );
      return;
    case 7:
      element.raw = withLength(element, Buffer.of(0x80), Buffer.alloc(2));
      return;
    case 8:
      element.raw = nest(
        encoded,
        1 + random.int(random.chance(80) ? 4 : 200),
        random.pick([0x30, 0xa0, 0x31]),
      );
      return;
    case 9:
      element.raw = Buffer.alloc(0);
      return;
    case 10:
      element.raw = withLength(element, Buffer.of(0x84, random.int(256), 0xff, 0xff, 0xff));
      return;
    default:
      element.raw = random.pick([
        Buffer.concat([Buffer.of(6, 70), Buffer.alloc(69, 0x81), Buffer.of(1)]),
        Buffer.of(6, 3, 0x80, 1, 1),
        Buffer.of(2, 0),
        Buffer.of(2, 9, 0x80, 0, 0, 0, 0, 0, 0, 0, 0),
        Buffer.of(5, 0),
        Buffer.from('170d3939313233313233353936305a', 'hex'),
        Buffer.from('180f39393939313233313233353935395a', 'hex'),
      ]);
  }
}

function bodyOf(element: Tree): Buffer {
  return element.children ? Buffer.concat(element.children.map(writeTree)) : element.content;
}

function withLength(element: Tree, length: Buffer, end = Buffer.alloc(0)): Buffer {
  return Buffer.concat([Buffer.of(element.tag), length, bodyOf(element), end]);
}

function nest(encoded: Buffer, times: number, tag: number): Buffer {
  let nested = encoded;
  for (let i = 0; i < times; i++) nested = Buffer.concat([Buffer.of(tag), lengthOf(nested.length), nested]);
  return nested;
}
