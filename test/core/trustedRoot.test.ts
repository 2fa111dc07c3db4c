import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { NO_POLICY } from '../../src/core/policy.ts';
import { parseTrustedRoot } from '../../src/core/trustedRoot.ts';
import { verifySignature } from '../../src/core/verify.ts';
import { COMMIT, name, ToySigstore } from './toySigstore.ts';

const toy = new ToySigstore();
const trust = parseTrustedRoot(Buffer.from(toy.trustedRoot()));

describe('trusted_root.json', () => {
  const json = JSON.parse(toy.trustedRoot());
  const parse = (change: object) => parseTrustedRoot(Buffer.from(JSON.stringify({ ...json, ...change })));
  const log = json.tlogs[0];

  test('is read, unknown fields and all media types included', () => {
    expect(trust.logs[0]?.baseUrl).toBe('https://log.toy.test');
    expect(trust.digest).toMatch(/^[0-9a-f]{64}$/);
    expect(trust.sandbox).toBe(false);
    for (const mediaType of [
      'application/vnd.dev.sigstore.trustedroot.v0.1+json',
      'application/vnd.dev.sigstore.trustedroot.v0.2+json',
    ]) {
      expect(parse({ mediaType, operator: 'x' }).ctLogs).toHaveLength(1);
    }
    expect(parse({ tlogs: undefined, ctlogs: null }).logs).toEqual([]);
    const strange = { ...log, publicKey: { ...log.publicKey, rawBytes: 'MAA=' } };
    expect(parse({ tlogs: [log, strange] }).logs).toHaveLength(2);
  });

  test('may name logs by their ids alone, as cosign writes it for keys without URLs', () => {
    const [ctLog] = json.ctlogs;
    const nameless = parse({ tlogs: [{ ...log, baseUrl: undefined }], ctlogs: [{ ...ctLog, baseUrl: '' }] });
    const ids = [...trust.logs, ...trust.ctLogs].map(({ logId }) => logId);
    expect([...nameless.logs, ...nameless.ctLogs].map(({ baseUrl }) => baseUrl)).toEqual(ids);
    const verdict = verifySignature(COMMIT, Buffer.from(toy.signPayload(COMMIT)), nameless, NO_POLICY);
    expect(verdict).toMatchObject({ status: 'good', proof: { logUrl: ids[0] } });
  });

  test('knows a sandbox by its root', () => {
    const certificates = (der: Uint8Array) => [{ rawBytes: Buffer.from(der).toString('base64') }];
    const root = toy.makeRoot({ subject: name('git-signet sandbox', 'x') });
    const authority = { ...json.certificateAuthorities[0], certChain: { certificates: certificates(root) } };
    expect(parse({ certificateAuthorities: [authority] }).sandbox).toBe(true);
  });

  test('is shipped with certificates that can be used, so that no process has to look again', () => {
    const shipped = readFileSync(new URL('../../src/adapters/trust/trusted_root.json', import.meta.url));
    const { certificateAuthorities, timestampAuthorities } = parseTrustedRoot(shipped);
    const problems = certificateAuthorities.flatMap(({ issuers }) =>
      issuers().map(({ problem }) => problem()),
    );
    expect(problems.length).toBeGreaterThanOrEqual(3);
    expect(new Set(problems)).toEqual(new Set([undefined]));
    for (const { issuers } of timestampAuthorities) expect(issuers().length).toBeGreaterThan(0);
    // And a root that is not proven is looked at: this one does not sign what stands below it.
    const [authority] = json.certificateAuthorities;
    const [{ rawBytes }] = authority.certChain.certificates;
    const stranger = Buffer.from(toy.makeRoot({ subject: name('toy', 'another root') })).toString('base64');
    const certChain = { certificates: [{ rawBytes }, { rawBytes: stranger }] };
    const unsigned = { certificateAuthorities: [{ ...authority, certChain }] };
    expect(parse(unsigned).certificateAuthorities[0]?.issuers()[0]?.problem()).toBe(
      'the certificate of the authority is not signed by its root',
    );
  });

  const without = (holder: object, field: string) => ({ ...holder, [field]: undefined });
  test.each<[object, string]>([
    [{ mediaType: 'text/plain' }, 'its media type is unknown'],
    [{ mediaType: undefined }, 'its media type is unknown'],
    [{ tlogs: [{ ...log, logId: {} }] }, 'keyId is missing'],
    [{ certificateAuthorities: [] }, 'it names no certificate authority'],
    [{ tlogs: {} }, 'tlogs is not a list'],
    [{ tlogs: ['x'] }, 'an entry of tlogs is not an object'],
    [{ tlogs: [without(log, 'publicKey')] }, 'the public key of a log is not an object'],
    [{ tlogs: [without(log, 'logId')] }, 'the id of a log is not an object'],
    [{ tlogs: [{ ...log, logId: { keyId: '!' } }] }, 'keyId is not canonical base64'],
    [{ tlogs: [{ ...log, publicKey: without(log.publicKey, 'validFor') }] }, 'a validity is not an object'],
    [
      { tlogs: [{ ...log, publicKey: { ...log.publicKey, validFor: {} } }] },
      'a validity has no right start or end',
    ],
    [
      { tlogs: [{ ...log, publicKey: { ...log.publicKey, validFor: { start: '2026' } } }] },
      'a validity has no right start or end',
    ],
    [
      { certificateAuthorities: [{ ...json.certificateAuthorities[0], certChain: { certificates: [] } }] },
      'an authority has no certificate',
    ],
    [
      {
        certificateAuthorities: [
          { ...json.certificateAuthorities[0], certChain: { certificates: [{ rawBytes: 'MAA=' }] } },
        ],
      },
      'the certificate has too few parts',
    ],
  ])('is refused: %#', (change, reason) => {
    expect(() => parse(change)).toThrow(`The trusted root cannot be used: ${reason}.`);
  });

  test('is refused as no-trust when it is no JSON', () => {
    expect(() => parseTrustedRoot(Buffer.from('x'))).toThrow(
      expect.objectContaining({ code: 'no-trust', exitCode: 6 }),
    );
    expect(() => parseTrustedRoot(Buffer.from('[]'))).toThrow('the file is not an object');
    expect(() => parseTrustedRoot(Buffer.alloc((1 << 20) + 1))).toThrow('it is larger than 1 MiB');
  });
});
