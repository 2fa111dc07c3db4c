/** What a policy judges: an object's verified signature, whatever made it. Nothing here is believed unverified. */
import type { Sound } from '../facts.ts';
import type { Identity } from '../verdict.ts';

export type SignatureFacts =
  | {
      readonly type: 'sigstore';
      readonly identity: Identity;
      /** Fulcio's claims by their number. */
      readonly claims: ReadonlyMap<number, string>;
      /** SHA-256 of the root certificate, lower-case hex. */
      readonly instance: string;
      /** When it was signed, as the log or a timestamp authority says. */
      readonly at: Date;
    }
  /** Keys have no trusted time: `at` is the clock of whoever judges. */
  | { readonly type: 'ssh'; readonly key: string; readonly at: Date }
  | { readonly type: 'openpgp'; readonly fingerprint: string; readonly at: Date };

/** The facts of a Sigstore signature that a policy asks for. */
export function toSignatureFacts({ signer, signedAt }: Pick<Sound, 'signer' | 'signedAt'>): SignatureFacts {
  const { identity, claims, instance } = signer;
  return { type: 'sigstore', identity, claims, instance, at: signedAt };
}
