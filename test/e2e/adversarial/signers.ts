/** Who signs: with certificates of a toy Sigstore, whose log says whatever time a test wants, or with an OpenPGP key. */
import { execFileSync } from 'node:child_process';
import { createHash, sign } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { encodeArmor } from '../../../src/core/armor.ts';
import { encodeCms, encodeSignedAttrs } from '../../../src/core/cmsEncode.ts';
import {
  encodeContext,
  encodeElement,
  encodeOid,
  encodeSequence,
  encodeUtf8String,
} from '../../../src/core/derEncode.ts';
import { encodeEvidenceEntry } from '../../../src/core/evidence.ts';
import { encodeHashedRekord } from '../../../src/core/rekorEntry.ts';
import {
  authorityKeyId,
  CODE_SIGNING,
  embed,
  extension,
  issuerClaim,
  newKey,
  SIGNS,
  sha256,
  type ToySigstore,
} from '../../core/toySigstore.ts';

export const ISSUER = 'https://issuer.example';
export const ACTIONS = 'https://token.actions.githubusercontent.com';

/** Gives the armored signature over a payload; what it says of the time is the log's. */
export type Signer = (payload: Uint8Array, at: Date) => string;

export interface Subject {
  /** GeneralNames of the certificate. */
  readonly names: readonly Uint8Array[];
  readonly issuer?: string;
  /** Fulcio's claims by their number. */
  readonly claims?: Readonly<Record<number, string>>;
}

export const emailName = (text: string): Uint8Array => encodeElement(0x81, Buffer.from(text));
export const uriName = (text: string): Uint8Array => encodeElement(0x86, Buffer.from(text));
/** Fulcio's OtherName for user names. */
export const userName = (text: string): Uint8Array =>
  encodeContext(0, encodeOid('1.3.6.1.4.1.57264.1.7'), encodeContext(0, encodeUtf8String(text)));

export function toySigner(toy: ToySigstore, subject: Subject): Signer {
  return (payload, at) => {
    const leaf = makeLeaf(toy, subject, at);
    const signedAttrs = encodeSignedAttrs(sha256(payload), at);
    const { signature, logEntry } = leaf.signAndLog(signedAttrs);
    return encodeArmor(encodeCms({ signedAttrs, certificate: leaf.certificate, signature, logEntry }));
  };
}

export interface OnlineSigner {
  readonly signer: Signer;
  /** What the log has of the last commit. */
  evidence(): Uint8Array;
}

/** As gitsign's online mode signs: nothing of the log in the commit; the log's entry is over its SHA-1 name. */
export function onlineSigner(toy: ToySigstore, subject: Subject): OnlineSigner {
  let last = new Uint8Array();
  const signer: Signer = (payload, at) => {
    const leaf = makeLeaf(toy, subject, at);
    const signedAttrs = encodeSignedAttrs(sha256(payload), at);
    const { signature } = leaf.signAndLog(signedAttrs);
    const { certificate } = leaf;
    const armored = encodeArmor(encodeCms({ signedAttrs, certificate, signature, logEntry: undefined }));
    const raw = embed(payload, armored);
    const oid = createHash('sha1').update(`commit ${raw.length}\0`).update(raw).digest('hex');
    last = Uint8Array.from(encodeEvidenceEntry(leaf.signAndLog(Buffer.from(oid)).logEntry));
    return armored;
  };
  return { signer, evidence: () => last };
}

function makeLeaf(toy: ToySigstore, subject: Subject, at: Date) {
  const key = newKey();
  const notAfter = new Date(at.getTime() + 600_000);
  const certificate = toy.makeLeaf(key, { notBefore: at, notAfter, extensions: extensionsOf(toy, subject) });
  const signAndLog = (artifact: Uint8Array) => {
    const signature = sign('sha256', artifact, key);
    const body = encodeHashedRekord(sha256(artifact), signature, certificate);
    return { signature, logEntry: toy.makeEntry(body, BigInt(Math.floor(at.getTime() / 1000))) };
  };
  return { certificate, signAndLog };
}

function extensionsOf(toy: ToySigstore, { names, issuer = ISSUER, claims = {} }: Subject) {
  return [
    SIGNS,
    CODE_SIGNING,
    authorityKeyId(toy.intermediateKey),
    extension('2.5.29.17', encodeSequence(...names), true),
    issuerClaim(issuer),
    ...Object.entries(claims).map(([number, text]) =>
      extension(`1.3.6.1.4.1.57264.1.${number}`, encodeUtf8String(text)),
    ),
  ];
}

export interface SshKey {
  readonly signer: Signer;
  /** As a policy has it. */
  readonly key: string;
}

export function makeSshKey(folder: string): SshKey {
  const file = join(mkdtempSync(join(folder, 'ssh-')), 'key');
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', file]);
  const [type, text] = readFileSync(`${file}.pub`, 'utf8').split(' ');
  const signer: Signer = (payload) =>
    execFileSync('ssh-keygen', ['-q', '-Y', 'sign', '-n', 'git', '-f', file], {
      input: payload,
      encoding: 'utf8',
      stdio: ['pipe', 'pipe', 'ignore'],
    });
  return { signer, key: `${type} ${text}` };
}

export interface OpenPgp {
  readonly signer: Signer;
  readonly fingerprint: string;
  /** The public key, armored. */
  readonly file: string;
}

/** A new key in a keyring of its own; `endAgents` ends what gpg starts for it. */
export function makeOpenPgp(folder: string, address: string): OpenPgp {
  const home = mkdtempSync(join(folder, KEYRING));
  const env = gpgEnvironment(home);
  const gpg = (args: readonly string[], input = Buffer.alloc(0)): string =>
    execFileSync('gpg', ['--batch', '--quiet', ...args], {
      env,
      input,
      encoding: 'utf8',
      stdio: ['pipe', 'pipe', 'ignore'],
    });
  gpg(['--passphrase', '', '--quick-gen-key', address, 'ed25519', 'sign', 'never']);
  const [, fingerprint = ''] = /^fpr:+([0-9A-F]{40}):/m.exec(gpg(['--with-colons', '--list-keys'])) ?? [];
  return {
    signer: (payload) => gpg(['--detach-sign', '--armor'], Buffer.from(payload)),
    fingerprint,
    file: gpg(['--armor', '--export', address]),
  };
}

const KEYRING = 'gpg-';

export function endAgents(folder: string): void {
  for (const name of readdirSync(folder)) {
    if (!name.startsWith(KEYRING)) continue;
    execFileSync('gpgconf', ['--kill', 'all'], { env: gpgEnvironment(join(folder, name)), stdio: 'ignore' });
  }
}

function gpgEnvironment(home: string): NodeJS.ProcessEnv {
  return { PATH: process.env['PATH'], HOME: home, GNUPGHOME: home, LC_ALL: 'C' };
}
