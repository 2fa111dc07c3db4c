/** Changes to signed objects that make them, or their signature, something else than what was signed. */
import type { Pieces } from './signedObject.ts';

export interface Mutation {
  readonly name: string;
  /** The changed object; undefined where the base has not what is changed. */
  readonly apply: (base: Pieces, donor: Pieces) => Buffer | undefined;
  /** Needs a log entry in base and donor. */
  readonly entry?: true;
  /** Not made of a tag, or of a commit only. */
  readonly only?: 'commit' | 'tag';
}

export type Table = readonly (readonly [name: string, apply: Mutation['apply']])[];
