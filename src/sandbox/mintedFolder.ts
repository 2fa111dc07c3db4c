/** A minted certificate on disk: its chain and its key in PEM, and a program that signs with them. */
import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SignetError } from '../errors.ts';
import { keyPemOf, toPem } from './certificates.ts';
import type { Minted } from './mint.ts';

/** Absolute where the folder is. */
export function pathsIn(folder: string) {
  return {
    certificate: join(folder, 'certificate.pem'),
    key: join(folder, 'key.pem'),
    signer: join(folder, 'signer'),
  };
}

/** A folder that nobody else has, in that of a sandbox. */
export function newFolder(stateDir: string): string {
  const parent = join(stateDir, 'minted');
  mkdirSync(parent, { recursive: true, mode: 0o700 });
  return mkdtempSync(join(parent, 'as-'));
}

/** For their owner only; what was minted there before is replaced. */
export function writeMinted(folder: string, { chain, privateKey }: Minted, script: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const paths = pathsIn(folder);
  const key = keyPemOf(privateKey);
  const files = [
    [paths.certificate, chain.map(toPem).join(''), 0o600],
    [paths.key, key, 0o600],
    [paths.signer, script, 0o700],
  ] as const;
  for (const [path, text, mode] of files) {
    rmSync(path, { force: true });
    writeFileSync(path, text, { mode });
  }
}

/** The leaf in DER and its key. Throws `usage` where the folder has none. */
export function readMinted(folder: string): { readonly leaf: Uint8Array; readonly privateKey: KeyObject } {
  const { certificate, key } = pathsIn(folder);
  try {
    const leaf = new X509Certificate(readFileSync(certificate));
    const privateKey = createPrivateKey(readFileSync(key));
    if (!leaf.checkPrivateKey(privateKey)) throw new Error('the key is another one');
    return { leaf: leaf.raw, privateKey };
  } catch (cause) {
    throw new SignetError(
      'usage',
      `There is no minted certificate with its key in ${folder}.`,
      'Make one: git-signet sandbox mint',
      cause,
    );
  }
}
