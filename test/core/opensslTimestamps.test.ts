/** Tokens that `openssl ts` makes, in the varieties that authorities differ in. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { childrenOf, encodedOf, parseDer, SEQUENCE } from '../../src/core/der.ts';
import { withTimestampChain } from '../../src/core/timestampChain.ts';
import { openTimestampToken } from '../../src/core/timestampToken.ts';
import { parseTrustedRoot } from '../../src/core/trustedRoot.ts';
import { ToySigstore } from './toySigstore.ts';

const hasOpenssl = spawnSync('openssl', ['version']).status === 0;
if (!hasOpenssl) console.warn('skipped: there is no openssl to make timestamps with');

const SIGNATURE = Buffer.from('the octets of a signature');
const bare = parseTrustedRoot(Buffer.from(new ToySigstore().trustedRoot()));
const folder = hasOpenssl ? mkdtempSync(join(tmpdir(), 'signet-ts-')) : '';
afterAll(() => {
  if (folder !== '') rmSync(folder, { recursive: true });
});

function openssl(...args: readonly string[]): void {
  const { status, stderr } = spawnSync('openssl', args, { cwd: folder, encoding: 'utf8' });
  if (status !== 0) throw new Error(`openssl ${args.join(' ')}: ${stderr}`);
}

const EXTENSIONS = `
[ca]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign
subjectKeyIdentifier = hash
[tsa]
keyUsage = critical,digitalSignature
extendedKeyUsage = critical,timeStamping
authorityKeyIdentifier = keyid
[careless]
extendedKeyUsage = timeStamping
[default]
[tsa_config]
serial = serial
crypto_device = builtin
signer_cert = leaf.pem
certs = chain.pem
signer_key = leaf.key
signer_digest = sha256
default_policy = 1.2.3.4.1
other_policies = 1.2.3.4.5
digests = sha256, sha384, sha512, sha1
`;

const KEYS = {
  EC: ['-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256'],
  RSA: ['-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:2048'],
} as const;

/** Makes root and signer; gives the PEM of the root. */
function makeAuthority(kind: keyof typeof KEYS, extensions = 'tsa'): string {
  writeFileSync(join(folder, 'ts.cnf'), EXTENSIONS);
  writeFileSync(join(folder, 'serial'), '01\n');
  for (const name of ['root', 'leaf']) openssl('genpkey', ...KEYS[kind], '-out', `${name}.key`);
  openssl('req', '-new', '-key', 'root.key', '-subj', '/O=toy/CN=stamp root', '-out', 'root.csr');
  openssl(
    'x509',
    '-req',
    '-in',
    'root.csr',
    '-key',
    'root.key',
    '-days',
    '3650',
    '-extfile',
    'ts.cnf',
    '-extensions',
    'ca',
    '-out',
    'root.pem',
  );
  openssl('req', '-new', '-key', 'leaf.key', '-subj', '/O=toy/CN=stamps', '-out', 'leaf.csr');
  openssl(
    'x509',
    '-req',
    '-in',
    'leaf.csr',
    '-CA',
    'root.pem',
    '-CAkey',
    'root.key',
    '-CAcreateserial',
    '-days',
    '3650',
    '-extfile',
    'ts.cnf',
    '-extensions',
    extensions,
    '-out',
    'leaf.pem',
  );
  const root = readFileSync(join(folder, 'root.pem'), 'utf8');
  writeFileSync(join(folder, 'chain.pem'), root);
  return root;
}

/** The token over SIGNATURE with these settings. */
function stamp(settings: string, query: readonly string[] = ['-sha256', '-cert']): Uint8Array {
  writeFileSync(join(folder, 'with.cnf'), `${EXTENSIONS}${settings}\n`);
  writeFileSync(join(folder, 'signature'), SIGNATURE);
  openssl('ts', '-query', '-data', 'signature', ...query, '-out', 'request');
  openssl(
    'ts',
    '-reply',
    '-config',
    'with.cnf',
    '-section',
    'tsa_config',
    '-queryfile',
    'request',
    '-out',
    'reply',
  );
  const reply = parseDer(readFileSync(join(folder, 'reply')));
  const { 1: token } = childrenOf(reply, SEQUENCE, 'the reply', [2]);
  return token === undefined ? new Uint8Array(0) : encodedOf(token);
}

describe.skipIf(!hasOpenssl)('a token of openssl', () => {
  test.each([
    ['EC', '', undefined],
    ['EC', 'accuracy = secs:1, millisecs:500, microsecs:100\nordering = yes\ntsa_name = yes', undefined],
    ['EC', 'clock_precision_digits = 6', undefined],
    ['EC', 'ess_cert_id_chain = yes', undefined],
    ['EC', 'ess_cert_id_alg = sha1', undefined],
    ['EC', 'ess_cert_id_alg = sha512', undefined],
    ['EC', 'signer_digest = sha512', ['-sha512', '-cert']],
    ['EC', '', ['-sha384', '-cert', '-no_nonce']],
    ['RSA', 'ess_cert_id_chain = yes\naccuracy = secs:1', undefined],
    ['RSA', 'signer_digest = sha384', ['-sha256', '-cert', '-tspolicy', '1.2.3.4.5']],
  ] as const)('by an %s key, %j, verifies', (kind, settings, query) => {
    const root = makeAuthority(kind);
    const before = Math.floor(Date.now() / 1000) * 1000;
    const token = stamp(settings, query);
    const { at, by } = openTimestampToken(token, SIGNATURE, withTimestampChain(bare, root));
    expect(at.getTime()).toBeGreaterThanOrEqual(before);
    expect(at.getTime()).toBeLessThanOrEqual(Date.now());
    expect(by).toBe('toy, stamp root');
    const other = () => openTimestampToken(token, Buffer.from('else'), withTimestampChain(bare, root));
    expect(other).toThrow('the timestamp is of another signature');
  });

  test('without its certificate needs one in the configured chain', () => {
    const root = makeAuthority('EC');
    const token = stamp('', ['-sha256']);
    const leaf = readFileSync(join(folder, 'leaf.pem'), 'utf8');
    expect(openTimestampToken(token, SIGNATURE, withTimestampChain(bare, root + leaf)).by).toBe(
      'toy, stamp root',
    );
    expect(() => openTimestampToken(token, SIGNATURE, withTimestampChain(bare, root))).toThrow(
      "the timestamp does not come with its signer's certificate",
    );
  });

  test('over SHA-1 does not count', () => {
    const root = makeAuthority('EC');
    const trust = withTimestampChain(bare, root);
    expect(() => openTimestampToken(stamp('', ['-sha1', '-cert']), SIGNATURE, trust)).toThrow(
      'the timestamp names its object by a digest that does not count',
    );
    expect(openTimestampToken(stamp(''), SIGNATURE, trust).nonce).toBeTypeOf('bigint');
  });
});
