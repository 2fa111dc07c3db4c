/** Settings, arguments and what lies in files and on sockets of this machine. */
import { parseAllow, parseAllowEntry, toAllowEntry } from '../../../src/adapters/allow.ts';
import { parseConfig } from '../../../src/adapters/config.ts';
import { parseScopedConfig } from '../../../src/adapters/git/readConfig.ts';
import { parseInstance } from '../../../src/adapters/instance.ts';
import {
  busMessageLength,
  encodeBusCall,
  parseBusAnswer,
  parseString,
} from '../../../src/adapters/keychain/busMessage.ts';
import { encodeRequest, parseRequest } from '../../../src/adapters/keychain/holdFrame.ts';
import { parseIdToken } from '../../../src/adapters/oidc/idToken.ts';
import { parseRedirectUrl } from '../../../src/adapters/oidc/redirectUrl.ts';
import { printable } from '../../../src/adapters/quote.ts';
import { readBoolean } from '../../../src/adapters/settings.ts';
import { escapeForTerminal } from '../../../src/adapters/terminal.ts';
import { toInstanceDefaults } from '../../../src/adapters/trust/signingConfig.ts';
import { parseCachedCredential } from '../../../src/app/credentialCache.ts';
import { gitVerifyCall } from '../../../src/cli/gitVerifyCall.ts';
import { parseGpgArgs, statusFdOf } from '../../../src/cli/gpgArgs.ts';
import { escapeStatus } from '../../../src/cli/gpgStatus.ts';
import { BrokenPromise, mustEqual, orRefused, type Target } from '../target.ts';

const CONFIG = [
  'signet.fulcio\nhttps://fulcio.example.com',
  'signet.allow\nalice@example.com github',
  'signet.allow\nhttps://a/b https://issuer.example',
  'signet.allow\n',
  'signet.requirepolicy',
  'signet.requirepolicy\n0x1',
  'signet.insecurehttp\nfalse',
  'signet.untrustedas\ngoodsig',
  'signet.trustedroot\n/etc/root.json',
  'signet.issuer\nhttps://issuer.example/',
  'signet.redirecturl\nhttp://localhost:0/auth/callback',
  'user.email\nalice@example.com',
];

const at = (url: string, majorApiVersion = 1) => ({
  url,
  majorApiVersion,
  validFor: { start: '2025-01-01T00:00:00Z' },
  operator: 'example.com',
});
const SIGNING_CONFIG = {
  mediaType: 'application/vnd.dev.sigstore.signingconfig.v0.2+json',
  caUrls: [at('https://fulcio.example')],
  oidcUrls: [at('https://oidc.example')],
  rekorTlogUrls: [at('https://log.example', 2), at('https://rekor.example')],
  rekorTlogConfig: { selector: 'ANY' },
  tsaUrls: [at('https://tsa.example/api/v1/timestamp')],
  tsaConfig: { selector: 'EXACT', count: 1 },
};

const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
const jwt = (claims: unknown) => `${part({ alg: 'RS256' })}.${part(claims)}.c2ln`;

/** Rejects by Error: nobody outside this program's own processes is told. */
function orThrown(run: () => void): void {
  try {
    run();
  } catch (error) {
    if (!(error instanceof Error) || error instanceof TypeError || /heap|stack/.test(error.message))
      throw error;
  }
}

export const SETTINGS: readonly Target[] = [
  {
    name: 'gitConfig',
    seeds: () => [Buffer.from(CONFIG.map((item) => `local\0file:.git/config\0${item}\0`).join(''))],
    run: (output) => {
      const settings = { ...parseScopedConfig(output), env: {} };
      orRefused(() => parseConfig(settings));
      orRefused(() => parseInstance(settings));
      orRefused(() => readBoolean({ key: 'signet.requirePolicy', env: '', standard: '' }, settings));
    },
  },
  {
    name: 'allow',
    seeds: () =>
      CONFIG.filter((item) => item.startsWith('signet.allow')).map((item) => Buffer.from(item.slice(13))),
    run: (value) => {
      const text = value.toString('utf8');
      orRefused(() => parseAllow(text.split('\n')));
      const identity = orRefused(() => parseAllowEntry(text));
      if (identity === undefined) return;
      mustEqual(
        JSON.stringify(parseAllowEntry(toAllowEntry(identity))),
        JSON.stringify(identity),
        'an entry comes back',
      );
    },
  },
  {
    name: 'arguments',
    seeds: () =>
      [
        '--status-fd=2\n-bsau\nalice@example.com',
        '--status-fd=1\n--keyid-format=long\n--verify\n/tmp/sig\n-',
        '--local-user\nx\n-b\n-s',
      ].map((text) => Buffer.from(text)),
    run: (text) => {
      // git gives some ten; the system takes some hundred thousand.
      const argv = text.toString('utf8').split('\n').slice(0, 5000);
      const gits = gitVerifyCall(argv);
      if (gits !== undefined)
        mustEqual(JSON.stringify(parseGpgArgs(argv)), JSON.stringify(gits), 'the short way');
      statusFdOf(argv);
      orRefused(() => parseGpgArgs(argv));
    },
  },
  {
    name: 'idToken',
    seeds: () => [
      Buffer.from(jwt({ iss: 'https://a', sub: '1', email: 'a@b.c', email_verified: true, exp: 4e9 })),
      Buffer.from(jwt({ iss: 'https://a', sub: 'job', exp: 4e9, federated_claims: { connector_id: 'x' } })),
    ],
    run: (raw) => {
      const token = orRefused(() => parseIdToken(raw.toString('utf8'), 'a test'));
      if (token !== undefined && token.principal === '') throw new BrokenPromise('a token of nobody');
    },
  },
  {
    name: 'redirectUrl',
    seeds: () =>
      ['http://localhost:0/auth/callback', 'http://[::1]:8080/x', 'http://127.0.0.1/'].map((url) =>
        Buffer.from(url),
      ),
    run: (url) => void orRefused(() => parseRedirectUrl(url.toString('utf8'))),
  },
  {
    name: 'signingConfig',
    seeds: () => [Buffer.from(JSON.stringify(SIGNING_CONFIG))],
    run: (bytes) => {
      const isSet = () => false;
      const now = new Date('2026-06-01T00:00:00Z');
      const defaults = orRefused(() => toInstanceDefaults(bytes, { now, isSet, rekorVersion: undefined }));
      if (defaults === undefined) return;
      for (const [key, value] of defaults) {
        if (typeof value !== 'string') throw new BrokenPromise(`${key} is no text`);
      }
      orRefused(() => parseInstance({ git: new Map(), env: {}, defaults }));
    },
  },
  {
    name: 'escapes',
    seeds: () =>
      ['alice@example.com', 'Ünïcode \u202e\u001b[2J\n[GNUPG:] GOODSIG x', '%0a'].map((text) =>
        Buffer.from(text),
      ),
    run: (bytes) => {
      // Names of certificates end at 2,048 characters, quoted answers at 300.
      const text = bytes.toString('utf8', 0, 100_000);
      const shown = escapeForTerminal(text);
      if (/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(shown))
        throw new BrokenPromise('a control character on the terminal');
      if (!/^[ -~]*$/.test(escapeStatus(text))) throw new BrokenPromise('more than ASCII in a status line');
      if (!/^[ -~]*$/.test(printable(text, 80))) throw new BrokenPromise('more than ASCII in a quotation');
    },
  },
  {
    name: 'holdFrame',
    seeds: () => [
      Buffer.from(
        encodeRequest({
          op: 'set',
          key: 'k'.repeat(64),
          secret: Buffer.alloc(40, 7),
          expiresAtMs: 1e12,
        }).subarray(4),
      ),
    ],
    run: (frame) => orThrown(() => void parseRequest(frame)),
  },
  {
    name: 'busMessage',
    seeds: () => [
      encodeBusCall(
        { destination: 'org.a', path: '/a', interface: 'org.a.B', member: 'Do', args: ['x', 'y'] },
        7,
      ),
      Buffer.from(
        encodeBusCall({ destination: 'o', path: '/', interface: 'i.i', member: 'M', args: ['z'] }, 1),
      ).fill(2, 1, 2),
    ],
    run: (message) =>
      orThrown(() => {
        busMessageLength(message);
        parseString(parseBusAnswer(message));
      }),
  },
  {
    name: 'cachedCredential',
    seeds: () => [
      Buffer.concat([Buffer.of(1, 0, 2), Buffer.from('{}'), Buffer.of(0, 1, 0), Buffer.alloc(9, 48)]),
    ],
    run: (item) => void parseCachedCredential(item),
  },
];
