/** Which services of a signing config are used: the rules of the format, one by one. */
import { describe, expect, test } from 'vitest';
import { toInstanceDefaults } from '../../src/adapters/trust/signingConfig.ts';

const NOW = new Date('2026-06-01T00:00:00Z');

interface Entry {
  readonly url: string;
  readonly version?: number;
  readonly start?: string;
  readonly end?: string;
  readonly operator?: string;
}

const service = ({ url, version = 1, start = '2025-01-01T00:00:00Z', end, operator = 'a' }: Entry) => ({
  url,
  majorApiVersion: version,
  validFor: { start, ...(end && { end }) },
  operator,
});

function defaults(
  logs: readonly Entry[],
  more: object = {},
  options: { set?: string[]; version?: 1 | 2 } = {},
) {
  const config = {
    mediaType: 'application/vnd.dev.sigstore.signingconfig.v0.2+json',
    caUrls: [service({ url: 'https://ca' })],
    oidcUrls: [service({ url: 'https://oidc' })],
    rekorTlogUrls: logs.map(service),
    tsaUrls: [service({ url: 'https://tsa/api' })],
    rekorTlogConfig: { selector: 'ANY' },
    tsaConfig: { selector: 'ANY' },
    ...more,
  };
  const { set = [], version } = options;
  const settings = { now: NOW, isSet: (key: string) => set.includes(key), rekorVersion: version };
  return Object.fromEntries(toInstanceDefaults(new TextEncoder().encode(JSON.stringify(config)), settings));
}

const logOf = (...parameters: Parameters<typeof defaults>): string | undefined =>
  defaults(...parameters)['signet.rekor'];

test('all services come from it', () => {
  expect(defaults([{ url: 'https://log' }])).toEqual({
    'signet.fulcio': 'https://ca',
    'signet.issuer': 'https://oidc',
    'signet.rekor': 'https://log',
  });
});

test('a log of version 2 brings its version and a timestamp authority along', () => {
  expect(defaults([{ url: 'https://v1' }, { url: 'https://v2', version: 2 }])).toMatchObject({
    'signet.rekor': 'https://v2',
    'signet.rekorVersion': '2',
    'signet.timestampServerURL': 'https://tsa/api',
  });
});

test('unless version 1 is asked for', () => {
  const found = defaults([{ url: 'https://v1' }, { url: 'https://v2', version: 2 }], {}, { version: 1 });
  expect(found).toMatchObject({ 'signet.rekor': 'https://v1' });
  expect(found).not.toHaveProperty('signet.rekorVersion');
});

test('what somebody set is left alone', () => {
  expect(defaults([{ url: 'https://log' }], {}, { set: ['signet.fulcio', 'signet.rekor'] })).toEqual({
    'signet.issuer': 'https://oidc',
  });
});

describe('of several logs', () => {
  test.each<[string, readonly Entry[], string]>([
    [
      'one that has ended is passed over',
      [
        { url: 'https://old', start: '2026-01-01T00:00:00Z', end: '2026-05-01T00:00:00Z' },
        { url: 'https://now' },
      ],
      'https://now',
    ],
    [
      'one that has not begun is passed over',
      [{ url: 'https://soon', start: '2026-07-01T00:00:00Z' }, { url: 'https://now' }],
      'https://now',
    ],
    [
      'one of an unknown version is passed over',
      [{ url: 'https://v3', version: 3 }, { url: 'https://v1' }],
      'https://v1',
    ],
    [
      'the newest counts',
      [{ url: 'https://older' }, { url: 'https://newer', start: '2026-02-01T00:00:00Z' }],
      'https://newer',
    ],
    [
      'the higher version counts more than the newest',
      [
        { url: 'https://v2', version: 2 },
        { url: 'https://v1', start: '2026-02-01T00:00:00Z' },
      ],
      'https://v2',
    ],
    ['none is none, and never the public one', [{ url: 'https://old', end: '2025-05-01T00:00:00Z' }], ''],
  ])('%s', (_, logs, expected) => {
    expect(logOf(logs)).toBe(expected);
  });

  const two = [{ url: 'https://a' }, { url: 'https://b', operator: 'b', start: '2024-01-01T00:00:00Z' }];

  test.each([
    ['ANY takes one', { selector: 'ANY' }],
    ['EXACTLY one takes one', { selector: 'EXACT', count: 1 }],
  ])('%s', (_, rekorTlogConfig) => {
    expect(logOf(two, { rekorTlogConfig })).toBe('https://a');
  });

  test.each([{ selector: 'ALL' }, { selector: 'EXACT', count: 2 }])(
    '%o asks for more than is done here',
    (rekorTlogConfig) => {
      expect(() => logOf(two, { rekorTlogConfig })).toThrow(/asks for 2 services/);
      expect(
        logOf([{ url: 'https://a' }, { url: 'https://a2' }], { rekorTlogConfig: { selector: 'ALL' } }),
      ).toBe('https://a');
    },
  );
});

test.each(['', '[]', '{"mediaType":"application/vnd.dev.sigstore.signingconfig.v0.1+json"}'])(
  '%j is no signing config',
  (text) => {
    const settings = { now: NOW, isSet: () => false, rekorVersion: undefined };
    expect(() => toInstanceDefaults(new TextEncoder().encode(text), settings)).toThrow(/unknown kind/);
  },
);
