/** Timestamps of a real authority. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parseCms } from '../../src/core/cms.ts';
import { childrenOf, encodedOf, parseDer, SEQUENCE } from '../../src/core/der.ts';
import { withTimestampChain } from '../../src/core/timestampChain.ts';
import { nonceOf, openTimestampToken } from '../../src/core/timestampToken.ts';
import { parseTrustedRoot } from '../../src/core/trustedRoot.ts';
import { sharedPath } from '../shared.ts';
import { hasCorpus } from './corpus.ts';
import { SIGNATURE, trust, trustOf } from './oneTimestamp.ts';

describe.skipIf(!hasCorpus)('tokens of a real authority', () => {
  interface Exchange {
    readonly name: string;
    readonly request: { readonly body: { readonly base64?: string } };
    readonly response: {
      readonly status: number;
      readonly body: { readonly base64?: string; readonly text?: string };
    };
  }
  const path = sharedPath('recordings/tsa.json');
  const exchanges = path === undefined ? [] : (JSON.parse(readFileSync(path, 'utf8')) as Exchange[]);
  const recorded = () => parseTrustedRoot(readFileSync(sharedPath('recordings/trusted_root.json') as string));
  const token = (exchange: string) => {
    const found = exchanges.find((one) => one.name === exchange);
    const der = Buffer.from(found?.response.body.base64 ?? '', 'base64');
    const { 1: inner } = childrenOf(parseDer(der), SEQUENCE, 'the answer', [2]);
    return inner === undefined ? new Uint8Array(0) : encodedOf(inner);
  };
  /** It stamped the digest of bytes that nobody kept, so that the imprint is the last thing that can be reached. */
  test.each(['timestamp', 'timestamp, JSON request'])('%s verifies up to its imprint', (exchange) => {
    expect(() => openTimestampToken(token(exchange), SIGNATURE, recorded())).toThrow(
      'the timestamp is of another signature',
    );
    expect(nonceOf(token(exchange))).toBeTypeOf('bigint');
  });

  test('the one in a signature of gitsign opens, also by the chain that its server gives', () => {
    const lines = readFileSync(sharedPath('recordings/gitsign-objects.jsonl') as string, 'utf8')
      .trim()
      .split('\n');
    const row = lines
      .map((line) => JSON.parse(line))
      .find(({ what }) => what === 'Rekor v1 and a timestamp token');
    const armor = /-----BEGIN SIGNED MESSAGE-----\n([\s\S]*?)-----END/.exec(
      Buffer.from(row.raw_base64, 'base64').toString('latin1'),
    );
    const cms = parseCms(Buffer.from((armor?.[1] ?? '').replace(/\s/g, ''), 'base64'));
    const [node] = cms.timestampTokens;
    const stamped = node === undefined ? new Uint8Array(0) : encodedOf(node);
    const { at } = openTimestampToken(stamped, cms.signature, recorded());
    expect(at.toISOString()).toBe('2026-11-22T14:58:56.000Z');
    const chain = exchanges.find((one) => one.name === 'certificate chain')?.response.body.text ?? '';
    const configured = withTimestampChain(trustOf(), chain);
    expect(openTimestampToken(stamped, cms.signature, configured).at).toEqual(at);
    expect(() => openTimestampToken(stamped, cms.signature, trust)).toThrow('not of an authority');
  });
});
