/**
 * All settings, parsed once into typed values: environment first, then git configuration, then the public
 * Sigstore. docs/configuration.md lists them; a test compares it with SETTINGS.
 */
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import type { Policy } from '../core/policy.ts';
import { SignetError } from '../errors.ts';
import type { Instance } from '../ports.ts';
import { parseAllow } from './allow.ts';
import type { GitConfig } from './git/readConfig.ts';

/** Every setting: git key, environment variable (where there is one), default, and what it means. */
export const SETTINGS = [
  {
    key: 'signet.fulcio',
    env: 'SIGNET_FULCIO_URL',
    standard: 'https://fulcio.sigstore.dev',
    text: 'certificate authority',
  },
  {
    key: 'signet.rekor',
    env: 'SIGNET_REKOR_URL',
    standard: 'https://rekor.sigstore.dev',
    text: 'transparency log',
  },
  {
    key: 'signet.issuer',
    env: 'SIGNET_OIDC_ISSUER',
    standard: 'https://oauth2.sigstore.dev/auth',
    text: 'OpenID provider to log in at',
  },
  {
    key: 'signet.clientID',
    env: 'SIGNET_OIDC_CLIENT_ID',
    standard: 'sigstore',
    text: 'client id at the OpenID provider',
  },
  {
    key: 'signet.redirectURL',
    env: 'SIGNET_OIDC_REDIRECT_URL',
    standard: '',
    text: 'where the provider sends the browser back to',
  },
  {
    key: 'signet.connectorID',
    env: 'SIGNET_CONNECTOR_ID',
    standard: '',
    text: 'skips the provider’s page of choices',
  },
  {
    key: 'signet.trustedRoot',
    env: 'SIGNET_TRUSTED_ROOT',
    standard: '',
    text: 'trusted_root.json to verify with, instead of the shipped one',
  },
  { key: 'signet.insecureHTTP', env: '', standard: 'false', text: 'accept plain http beyond this machine' },
  { key: 'signet.allow', env: '', standard: '', text: 'who may sign: "SUBJECT ISSUER", may be given often' },
  {
    key: 'signet.requirePolicy',
    env: '',
    standard: 'false',
    text: 'nothing is good unless a policy names the signer',
  },
  {
    key: 'signet.untrustedAs',
    env: '',
    standard: 'errsig',
    text: 'what git sees of a signer who is not allowed: errsig or goodsig',
  },
] as const;

export type SettingKey = (typeof SETTINGS)[number]['key'];

export interface Config {
  readonly instance: Instance;
  /** Absolute path; undefined for the shipped public-good root. */
  readonly trustedRootPath: string | undefined;
  readonly policy: Policy;
  readonly requirePolicy: boolean;
  readonly untrustedAs: 'errsig' | 'goodsig';
  /** One sentence each, to be shown every time. */
  readonly warnings: readonly string[];
}

/** Parses settings. Throws SignetError `config` that names the setting. */
export function parseConfig(git: GitConfig, env: NodeJS.ProcessEnv): Config {
  const text = (key: SettingKey): string => readText(key, git, env).value;
  const insecureHttp = readBoolean('signet.insecureHTTP', git);
  const warnings: string[] = [];
  const url = (key: SettingKey): string => readUrl(key, readText(key, git, env), insecureHttp, warnings);
  const instance: Instance = {
    fulcioUrl: url('signet.fulcio').replace(/\/+$/, ''),
    rekorUrl: url('signet.rekor').replace(/\/+$/, ''),
    // Compared byte for byte with the provider's own document: a final slash counts.
    issuer: url('signet.issuer'),
    clientId: text('signet.clientID'),
    redirectUrl: text('signet.redirectURL') || undefined,
    connectorId: text('signet.connectorID') || undefined,
    insecureHttp,
  };
  return {
    instance,
    trustedRootPath: readPath('signet.trustedRoot', text('signet.trustedRoot')),
    policy: parseAllow((git.get('signet.allow') ?? []).map((value) => value ?? '')),
    requirePolicy: readBoolean('signet.requirePolicy', git),
    untrustedAs: readUntrustedAs(git),
    warnings,
  };
}

/** Where a value came from, for `git-signet config`. */
export interface SettingValue {
  readonly value: string;
  readonly source: 'environment' | 'git config' | 'default';
}

/** A single-valued setting: environment, else the narrowest scope of git configuration, else the default. */
export function readText(key: SettingKey, git: GitConfig, env: NodeJS.ProcessEnv): SettingValue {
  const setting = SETTINGS.find((entry) => entry.key === key);
  const fromEnv = setting?.env ? env[setting.env] : undefined;
  if (fromEnv !== undefined && fromEnv !== '') return { value: fromEnv, source: 'environment' };
  const fromGit = git.get(key.toLowerCase())?.at(-1);
  if (fromGit !== undefined && fromGit !== '') return { value: fromGit, source: 'git config' };
  return { value: setting?.standard ?? '', source: 'default' };
}

/** Loopback in the sense of RFC 8252 section 7.3: nobody else can listen in. */
export function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname);
}

function readUrl(key: SettingKey, setting: SettingValue, insecureHttp: boolean, warnings: string[]): string {
  const url = URL.canParse(setting.value) ? new URL(setting.value) : undefined;
  if (url === undefined || !['http:', 'https:'].includes(url.protocol)) {
    throw bad(
      key,
      setting.value,
      'is no http or https URL',
      'Give the whole URL, as in https://fulcio.example.com',
    );
  }
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') {
    throw bad(
      key,
      setting.value.split('@').at(-1) ?? '',
      'holds more than a plain base URL',
      'Leave out user name, query and fragment.',
    );
  }
  if (url.protocol === 'http:' && !isLoopback(url.hostname)) {
    if (!insecureHttp) {
      throw bad(
        key,
        setting.value,
        'is plain http beyond this machine',
        'Use https, or set signet.insecureHTTP to true if you know why.',
      );
    }
    warnings.push(`${key} is plain http: anybody on the way can read your login.`);
  }
  return setting.value;
}

/** git starts us inside the tree that is being judged: a relative path would be read from there. */
function readPath(key: SettingKey, value: string): string | undefined {
  if (value === '') return undefined;
  if (value.startsWith('~/')) return join(homedir(), value.slice(2));
  if (isAbsolute(value)) return value;
  throw bad(key, value, 'is a relative path', 'Give an absolute path, or one that starts with ~/');
}

/** git's rules: true/yes/on/non-zero number, false/no/off/0/empty; a key without `=` is true. */
function readBoolean(key: SettingKey, git: GitConfig): boolean {
  const values = git.get(key.toLowerCase());
  if (values === undefined) return false;
  const value = values.at(-1);
  if (value === undefined || /^(true|yes|on|[+-]?0*[1-9]\d*)$/i.test(value)) return true;
  if (/^(false|no|off|[+-]?0+|)$/i.test(value)) return false;
  throw bad(key, value, 'is neither true nor false', `Run: git config ${key} true`);
}

function readUntrustedAs(git: GitConfig): 'errsig' | 'goodsig' {
  const value = git.get('signet.untrustedas')?.at(-1) ?? 'errsig';
  if (value === 'errsig' || value === 'goodsig') return value;
  throw bad(
    'signet.untrustedAs',
    value,
    'is neither errsig nor goodsig',
    'Leave it out unless you know why you need it.',
  );
}

function bad(key: SettingKey, value: string, what: string, hint: string): SignetError {
  return new SignetError('config', `The setting ${key} (${JSON.stringify(value)}) ${what}.`, hint);
}
