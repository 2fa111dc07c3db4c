/** DER as a tree that can be changed and written again, also wrongly. Independent of the code under test. */
export interface Tree {
  tag: number;
  /** Content of a primitive element. */
  content: Buffer;
  /** Of a constructed one, whose content is made of these. */
  children: Tree[] | undefined;
  /** Replaces tag, length and content altogether. */
  raw?: Buffer;
}

export function leafNode(tag: number, content: Uint8Array): Tree {
  return { tag, content: Buffer.from(content), children: undefined };
}

export function branch(tag: number, ...children: Tree[]): Tree {
  return { tag, content: Buffer.alloc(0), children };
}

export function rawNode(...parts: readonly Uint8Array[]): Tree {
  return { ...leafNode(0, new Uint8Array(0)), raw: Buffer.concat(parts) };
}

/** Reads one element with one-octet tag and definite length. */
export function readTree(der: Uint8Array): Tree {
  const bytes = Buffer.from(der);
  const [tree, end] = readAt(bytes, 0, bytes.length);
  if (end !== bytes.length) throw new Error('bytes after the end');
  return tree;
}

/** Nothing ends behind what it lies in: the bytes there would be read again and again, twice as often with each depth. */
function readAt(bytes: Buffer, start: number, limit: number): [Tree, number] {
  const tag = bytes.readUInt8(start);
  let at = start + 2;
  let length = bytes.readUInt8(start + 1);
  if (length > 0x7f) {
    const octets = length & 0x7f;
    length = bytes.readUIntBE(at, octets);
    at += octets;
  }
  const end = at + length;
  if (end > limit) throw new Error('longer than what it lies in');
  if ((tag & 0x20) === 0) return [leafNode(tag, bytes.subarray(at, end)), end];
  const children: Tree[] = [];
  while (at < end) {
    const [child, next] = readAt(bytes, at, end);
    children.push(child);
    at = next;
  }
  return [branch(tag, ...children), end];
}

export function writeTree(tree: Tree): Buffer {
  if (tree.raw) return tree.raw;
  const content = tree.children ? Buffer.concat(tree.children.map(writeTree)) : tree.content;
  return Buffer.concat([Buffer.of(tree.tag), lengthOf(content.length), content]);
}

export function lengthOf(length: number): Buffer {
  if (length < 0x80) return Buffer.of(length);
  const hex = length.toString(16);
  const octets = Buffer.from(hex.length % 2 ? `0${hex}` : hex, 'hex');
  return Buffer.concat([Buffer.of(0x80 | octets.length), octets]);
}

/** The element at a path of child numbers; negative ones count from the end. */
export function at(tree: Tree, ...path: readonly number[]): Tree {
  let node = tree;
  for (const step of path) {
    const next = node.children?.at(step);
    if (next === undefined) throw new Error(`nothing at ${path.join('.')}`);
    node = next;
  }
  return node;
}

export function childrenOf(tree: Tree): Tree[] {
  if (tree.children === undefined) throw new Error('a primitive element');
  return tree.children;
}

export function copyOf(tree: Tree): Tree {
  return readTree(writeTree(tree));
}

/** Places in a SignedData with one signer. */
export function places(cms: Tree) {
  const signedData = at(cms, 1, 0);
  const signer = at(signedData, -1, 0);
  return {
    signedData,
    digestAlgorithms: at(signedData, 1),
    content: at(signedData, 2),
    certificates: at(signedData, 3),
    signers: at(signedData, -1),
    signer,
    sid: at(signer, 1),
    digestAlgorithm: at(signer, 2),
    signedAttrs: at(signer, 3),
    signatureAlgorithm: at(signer, 4),
    signature: at(signer, 5),
    unsignedAttrs: signer.children?.[6],
  };
}

export const oid = (dotted: string): Tree => {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  const octets = [first * 40 + second, ...rest].flatMap((arc) => {
    const groups = [arc & 0x7f];
    for (let more = Math.floor(arc / 128); more > 0; more = Math.floor(more / 128)) {
      groups.unshift((more & 0x7f) | 0x80);
    }
    return groups;
  });
  return leafNode(0x06, Buffer.from(octets));
};

export const LOG_ENTRY = '1.3.6.1.4.1.57264.3.1';
export const MESSAGE_DIGEST = '1.2.840.113549.1.9.4';
export const SIGNING_TIME = '1.2.840.113549.1.9.5';
export const CONTENT_TYPE = '1.2.840.113549.1.9.3';
export const TIMESTAMP_TOKEN = '1.2.840.113549.1.9.16.2.14';

export const attribute = (type: string, ...values: Tree[]): Tree =>
  branch(0x30, oid(type), branch(0x31, ...values));

/** The attribute of this type in a set. */
export function attributeOf(set: Tree, type: string): Tree {
  const wanted = writeTree(oid(type));
  const found = childrenOf(set).find((child) => writeTree(at(child, 0)).equals(wanted));
  if (found === undefined) throw new Error(`no attribute ${type}`);
  return found;
}

/** DER order of a SET OF. */
export function sortSet(set: Tree): void {
  set.children?.sort((a, b) => Buffer.compare(writeTree(a), writeTree(b)));
}
