/** Which trusted root the settings ask for: those of git-signet, and the variables of gitsign and cosign. */
import { isAbsolute, join } from 'node:path';
import { badSetting, readText, type Setting, type Settings } from '../settings.ts';
import { toMirror } from '../tuf/mirrors.ts';

export const TRUST_SETTINGS = {
  trustedRoot: { key: 'signet.trustedRoot', env: 'SIGNET_TRUSTED_ROOT', standard: '' },
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

export interface TrustChoice {
  /** Absolute path of a trusted_root.json, in the place of everything else. */
  readonly file: string | undefined;
  /** A TUF repository that `git-signet trust init` knows; undefined for the public one. */
  readonly mirror: string | undefined;
  readonly replacements: readonly Replacement[];
  /** Absolute path of a PEM file with one more timestamp authority. */
  readonly timestampChain: string | undefined;
}

/** By protocols 7.4 and 8.1: what names each part, the strongest first. */
const REPLACING: readonly (readonly [Replacement['part'], string, ...string[]])[] = [
  [
    'certificateAuthorities',
    'gitsign.fulcioRoot',
    'GITSIGN_FULCIO_ROOT',
    'SIGSTORE_FULCIO_ROOT',
    'SIGSTORE_ROOT_FILE',
  ],
  ['tlogs', '', 'SIGSTORE_REKOR_PUBLIC_KEY'],
  ['ctlogs', '', 'SIGSTORE_CT_LOG_PUBLIC_KEY_FILE'],
  [
    'timestampAuthorities',
    'gitsign.timestampCertChain',
    'GITSIGN_TIMESTAMP_CERT_CHAIN',
    'SIGSTORE_TIMESTAMP_CERT_CHAIN',
    'SIGSTORE_TSA_CERTIFICATE_FILE',
  ],
];

/** Parses them. Throws SignetError `config` that names the setting. */
export function parseTrustChoice(settings: Settings): TrustChoice {
  const { trustedRoot, trustMirror, timestampCertChain } = TRUST_SETTINGS;
  const path = (setting: Setting) => parsePath(setting, readText(setting, settings).value);
  const file = path(trustedRoot);
  return {
    file,
    mirror: toMirror(readText(trustMirror, settings).value) || undefined,
    // Our own settings are stronger than those of other programs.
    replacements: file === undefined ? readReplacements(settings) : [],
    timestampChain: path(timestampCertChain),
  };
}

function readReplacements(settings: Settings): readonly Replacement[] {
  return REPLACING.flatMap(([part, key, ...variables]) => {
    const env = variables.find((name) => settings.env[name]) ?? '';
    const setting = { key, env, standard: '' };
    const path = parsePath({ ...setting, key: env || key }, readText(setting, settings).value);
    return path === undefined ? [] : [{ part, source: env || key, path }];
  });
}

/** git starts us inside the tree that is being judged: a relative path would be read from there. */
function parsePath(setting: Setting, value: string): string | undefined {
  if (value === '') return undefined;
  const home = value.startsWith('~/') ? process.getBuiltinModule('node:os').homedir() : '';
  const path = home === '' ? value : join(home, value.slice(2));
  if (isAbsolute(path)) return path;
  throw badSetting(setting, value, 'is a relative path', 'Give an absolute path, or one that starts with ~/');
}
