/**
 * What the rarer settings about trust mean: a TUF repository, and by which PEM files gitsign's and cosign's
 * variables replace parts of the trusted root.
 */
import { toMirror } from '../tuf/mirrors.ts';
import { parsePath, type TrustChoice } from './choice.ts';

export const WISH_SETTINGS = {
  trustMirror: { key: 'signet.trustMirror', env: 'SIGNET_TRUST_MIRROR', standard: '' },
  timestampCertChain: {
    key: 'signet.timestampCertChain',
    env: 'SIGNET_TIMESTAMP_CERT_CHAIN',
    standard: '',
  },
} as const;

/** A PEM file in the place of one part of the trusted root. */
export interface Replacement {
  readonly part: 'certificateAuthorities' | 'tlogs' | 'ctlogs' | 'timestampAuthorities';
  /** The variable or setting that names the file. */
  readonly source: string;
  /** Absolute. */
  readonly path: string;
}

export interface TrustWishes {
  /** A TUF repository that `git-signet trust init` knows; undefined for the public one. */
  readonly mirror: string | undefined;
  /** At most one for each part. */
  readonly replacements: readonly Replacement[];
  /** Absolute path of a PEM file with one more timestamp authority. */
  readonly timestampChain: string | undefined;
}

/** By protocols 7.4 and 8.1, the strongest first. */
const SOURCES: readonly (readonly [Replacement['part'], readonly string[]])[] = [
  [
    'certificateAuthorities',
    ['GITSIGN_FULCIO_ROOT', 'SIGSTORE_FULCIO_ROOT', 'SIGSTORE_ROOT_FILE', 'gitsign.fulcioroot'],
  ],
  ['tlogs', ['SIGSTORE_REKOR_PUBLIC_KEY']],
  ['ctlogs', ['SIGSTORE_CT_LOG_PUBLIC_KEY_FILE']],
  [
    'timestampAuthorities',
    [
      'GITSIGN_TIMESTAMP_CERT_CHAIN',
      'SIGSTORE_TIMESTAMP_CERT_CHAIN',
      'SIGSTORE_TSA_CERTIFICATE_FILE',
      'gitsign.timestampcertchain',
    ],
  ],
];

/** Throws SignetError `config` for a relative path. */
export function toWishes({ file, others }: TrustChoice): TrustWishes {
  const values = new Map(others);
  const first = (names: readonly string[]): string => names.find((name) => values.has(name)) ?? '';
  const pathOf = (source: string): string | undefined => parsePath({ key: source }, values.get(source) ?? '');
  const replacements = SOURCES.flatMap(([part, names]) => {
    const source = first(names);
    const path = pathOf(source);
    return path === undefined ? [] : [{ part, source, path }];
  });
  const mirror = toMirror(values.get(first(['SIGNET_TRUST_MIRROR', 'signet.trustmirror'])) ?? '');
  return {
    mirror: mirror || undefined,
    // Our own settings are stronger than those of other programs: a whole root leaves nothing to replace.
    replacements: file === undefined ? replacements : [],
    timestampChain: pathOf(first(['SIGNET_TIMESTAMP_CERT_CHAIN', 'signet.timestampcertchain'])),
  };
}
