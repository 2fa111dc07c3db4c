/** Reaches into a SignedData of one signer and changes it in place. */
import {
  at,
  attributeOf,
  branch,
  childrenOf,
  leafNode,
  oid,
  places,
  readTree,
  type Tree,
  writeTree,
} from './derTree.ts';
import type { Mutation } from './mutations.ts';
import { derOf, withCms } from './signedObject.ts';

export type Places = ReturnType<typeof places>;

export const cms =
  (change: (p: Places, donor: Places, tree: Tree) => unknown): Mutation['apply'] =>
  (base, donor) => {
    const other = places(readTree(derOf(donor)));
    let unchanged = false;
    const raw = withCms(base, (tree) => {
      unchanged = change(places(tree), other, tree) === SAME;
    });
    return unchanged ? undefined : raw;
  };

/** Says that the base has not what would be changed. */
export const SAME = Symbol('same');
export const NULL = leafNode(5, Buffer.alloc(0));
export const ORDER = BigInt('0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551');

export const signedValue = (p: Places, type: string) => at(attributeOf(p.signedAttrs, type), 1);
export const remove = (set: Tree, type: string) => {
  const gone = attributeOf(set, type);
  set.children = childrenOf(set).filter((child) => child !== gone);
};
export const leafOf = (p: Places) => {
  const serial = writeTree(at(p.sid, 1));
  const found = childrenOf(p.certificates).find((c) => writeTree(at(c, 0, 1)).equals(serial));
  if (found === undefined) throw new Error('no leaf');
  return found;
};
/** Extensions of the leaf, as a list of SEQUENCEs. */
export const extensionsOf = (p: Places) => at(leafOf(p), 0, -1, 0);
export const extensionOf = (p: Places, type: string) => {
  const wanted = writeTree(oid(type));
  return childrenOf(extensionsOf(p)).find((child) => writeTree(at(child, 0)).equals(wanted));
};
export const editExtension = (p: Places, type: string, edit: (value: Buffer) => Buffer) => {
  const value = extensionOf(p, type)?.children?.at(-1);
  if (value === undefined) return SAME;
  value.content = edit(value.content);
  return undefined;
};
export const flip = (bytes: Buffer, place: number) => {
  const copy = Buffer.from(bytes);
  const index = place < 0 ? copy.length + place : place;
  copy.writeUInt8(copy.readUInt8(index) ^ 1, index);
  return copy;
};
export const rs = (p: Places) => readTree(p.signature.content);
export const integer = (value: bigint) => {
  const hex = value.toString(16);
  const bytes = Buffer.from(hex.length % 2 ? `0${hex}` : hex, 'hex');
  return leafNode(2, bytes.readUInt8(0) > 0x7f ? Buffer.concat([Buffer.of(0), bytes]) : bytes);
};
export const numberOf = (tree: Tree) => BigInt(`0x${tree.content.toString('hex')}`);
export const SAN = '2.5.29.17';
export const SCT = '1.3.6.1.4.1.11129.2.4.2';

/** The list of unsigned attributes, made where it is absent. */
export function unsigned(p: Places): Tree[] {
  if (p.unsignedAttrs) return childrenOf(p.unsignedAttrs);
  const set = branch(0xa1);
  childrenOf(p.signer).push(set);
  return childrenOf(set);
}
