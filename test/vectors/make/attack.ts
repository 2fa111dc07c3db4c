/** An attack, and the common ways of making one. */
import { TRUST_CASES } from '../attacks/trustForgeries.ts';
import { commit, forged, forgedPayload, forgedTagPayload, mutated, mutatedTag, tag } from './pieces.ts';
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

export const changed = (name: string) => (): Made => ({ object: mutated(name), control: commit });
export const changedTag = (name: string) => (): Made => ({
  object: mutatedTag(name),
  control: tag,
  kind: 'tag',
});
export const broken = (name: string) => (): Made => ({ object: forged(name), control: commit });
export const payload = (name: string) => (): Made => ({
  object: forgedPayload(name),
  control: forgedPayload('as git writes it'),
});
export const tagPayload = (name: string) => (): Made => ({
  object: forgedTagPayload(name),
  control: forgedTagPayload('as git writes it'),
  kind: 'tag',
});
export const underTrust = (name: string) => (): Made => {
  const root = TRUST_CASES.find((row) => row[0] === name)?.[2];
  if (root === undefined) throw new Error(`there is no ${name}`);
  return { object: commit, control: commit, trustedRoot: root };
};
export const unfit = (control: () => Uint8Array) => (): Made => ({
  object: commit,
  control: control(),
  outcome: 'untrusted',
});

export const stamp = (how: Witnessed) => (): Made => ({
  object: witnessed(how).object,
  control: witnessed({ log: how.log }).object,
});
