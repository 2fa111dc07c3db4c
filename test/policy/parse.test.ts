/** Policy files: what is refused, where and why; each refusal beside the file that differs in that alone. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it, test } from 'vitest';
import { parsePolicy } from '../../src/adapters/policy/parsePolicy.ts';
import { CLAIMS } from '../../src/core/policy/claims.ts';
import { PUBLIC_INSTANCES } from '../../src/core/policy/readPolicy.ts';
import { ACTIONS, GITHUB, policyOf, SIMPLE, SSH_KEY, TEAM, WEB_FLOW } from './files.ts';

const problemsOf = (text: string) => parsePolicy(Buffer.from(text)).problems;
const lines = (...text: readonly string[]) => `${text.join('\n')}\n`;

describe('the simple case', () => {
  test('is three lines', () => {
    expect(SIMPLE.trim().split('\n')).toHaveLength(3);
    expect(policyOf(SIMPLE)).toEqual({
      version: 1,
      instances: PUBLIC_INSTANCES,
      editors: ['alice'],
      default: 'signed',
      committer: 'off',
      signers: [
        {
          name: 'alice',
          forge: false,
          identities: [
            { type: 'email', value: 'alice@example.com', issuer: GITHUB, claims: [], committers: [] },
          ],
        },
      ],
      rules: [],
      revocations: [],
      exempt: [],
    });
  });

  test('counts under every authority of the shipped trusted root', () => {
    const path = new URL('../../src/adapters/trust/trusted_root.json', import.meta.url);
    const root = JSON.parse(readFileSync(path, 'utf8')) as {
      certificateAuthorities: { certChain: { certificates: { rawBytes: string }[] } }[];
    };
    const digests = root.certificateAuthorities.map(({ certChain }) => {
      const der = Buffer.from(certChain.certificates.at(-1)?.rawBytes ?? '', 'base64');
      return createHash('sha256').update(der).digest('hex');
    });
    expect(digests).toEqual(PUBLIC_INSTANCES);
  });
});

describe("an organisation's", () => {
  const policy = policyOf(TEAM);
  const signer = (name: string) => policy.signers.find((one) => one.name === name);

  test('has groups written out', () => {
    expect(policy.editors).toEqual(['alice']);
    expect(policy.rules[0]).toMatchObject({
      signers: ['alice', 'release-bot'],
      merged: ['alice', 'bob', 'carol', 'release-bot'],
      forge: ['clean-merge'],
    });
  });

  test('has a workflow as its URI, with the repository that must call it', () => {
    expect(signer('release-bot')?.identities).toEqual([
      {
        type: 'uri',
        value: 'https://github.com/acme/app/.github/workflows/release.yml@refs/heads/main',
        issuer: ACTIONS,
        claims: [
          { number: CLAIMS['source-repository-uri'], values: ['https://github.com/acme/app'] },
          { number: CLAIMS['build-trigger'], values: ['push', 'workflow_dispatch'] },
          { number: CLAIMS['source-repository-owner-identifier'], values: ['5678'] },
        ],
        committers: [],
      },
    ]);
  });

  test('has keys without comments, and a forge', () => {
    expect(signer('alice')?.identities[1]).toMatchObject({ type: 'ssh', key: SSH_KEY });
    expect(signer('github')).toMatchObject({ forge: true, identities: [{ fingerprint: WEB_FLOW }] });
  });

  test('leaves the forge to other rules where a rule is about paths', () => {
    expect(policy.rules.map(({ forge }) => forge)).toEqual([['clean-merge'], [], undefined]);
    expect(policy.rules[1]?.merged).toEqual(policy.rules[1]?.signers);
  });

  test('goes through JSON unchanged', () => {
    expect(JSON.parse(JSON.stringify(policy))).toEqual(policy);
  });
});

const signerLine = (rest: string) =>
  SIMPLE.replace('{ email = "alice@example.com", issuer = "github" }', rest);
const rule = (...keys: readonly string[]) =>
  SIMPLE + lines('[[rule]]', 'refs = ["refs/heads/main"]', 'signers = ["alice"]', ...keys);
const tagRule = (...keys: readonly string[]) =>
  SIMPLE + lines('[[rule]]', 'refs = ["refs/tags/v*"]', 'signers = ["alice"]', ...keys);
const workflow = (rest = '', name = 'a/b/.github/workflows/r.yml@refs/heads/main') =>
  `${SIMPLE}bot = { workflow = "${name}"${rest} }\n`;

/** What is wrong, where and in which words; and the file with that put right. */
const REFUSED: readonly (readonly [string, string, string, string])[] = [
  ['no version', SIMPLE.replace('version = 1\n', ''), '1:1 has no version', SIMPLE],
  ['an unknown version', SIMPLE.replace('= 1', '= 2'), '1:11 not 1', SIMPLE],
  ['a version of another type', SIMPLE.replace('= 1', '= "1"'), '1:11 not 1', SIMPLE],
  ['no TOML', SIMPLE.replace('[signers]', '[signers'), '3:1 no TOML', SIMPLE],
  ['a key twice', SIMPLE.replace('version', 'version = 1\nversion'), '2:1 multiple times', SIMPLE],
  ['a name twice', SIMPLE + SIMPLE.split('\n')[2], '4:1 multiple times', SIMPLE],
  ['an unknown key', `editor = ["alice"]\n${SIMPLE}`, '1:1 unknown key "editor"', SIMPLE],
  [
    'an unknown key of a signer',
    signerLine('{ email = "a@b.c", issuer = "github", valid = "x" }'),
    '3:47 unknown key "valid"',
    signerLine('{ email = "a@b.c", issuer = "github" }'),
  ],
  ['no signers', 'version = 1\n', '1:1 no signers', SIMPLE],
  ['a signer of another type', signerLine('"alice@example.com"'), '3:9 must be a table', SIMPLE],
  ['no issuer', signerLine('{ email = "alice@example.com" }'), '3:9 no issuer', SIMPLE],
  [
    'an unknown issuer',
    signerLine('{ email = "a@b.c", issuer = "Github" }'),
    '3:37 neither a URL',
    signerLine('{ email = "a@b.c", issuer = "https://x.example" }'),
  ],
  [
    'two kinds of identity',
    signerLine('{ email = "a@b.c", uri = "https://x", issuer = "github" }'),
    '3:9 exactly one of',
    signerLine('{ uri = "https://x", issuer = "github" }'),
  ],
  [
    'a pattern as identity',
    signerLine('{ email = "*@example.com", issuer = "github" }'),
    '3:19 compared exactly',
    signerLine('{ email-domain = "example.com", issuer = "github" }'),
  ],
  [
    'two @ in an address',
    signerLine('{ email = "a@b@c", issuer = "github" }'),
    '3:19 no e-mail address',
    signerLine('{ email = "a@c", issuer = "github" }'),
  ],
  [
    'an @ in a domain',
    signerLine('{ email-domain = "@b.c", issuer = "github" }'),
    '3:26 no domain',
    signerLine('{ email-domain = "b.c", issuer = "github" }'),
  ],
  [
    'a 30th of February',
    signerLine('{ email = "a@b.c", issuer = "github", valid-until = "2024-02-30T00:00:00Z" }'),
    '3:61 no time',
    signerLine('{ email = "a@b.c", issuer = "github", valid-until = "2024-02-29T00:00:00Z" }'),
  ],
  [
    'a time of TOML',
    signerLine('{ email = "a@b.c", issuer = "github", valid-until = 2024-02-29T00:00:00Z }'),
    '3:61 in quotes',
    signerLine('{ email = "a@b.c", issuer = "github", valid-until = "2024-02-29T00:00:00Z" }'),
  ],
  [
    'a time in another zone',
    signerLine('{ email = "a@b.c", issuer = "github", valid-from = "2024-02-29T00:00:00+01:00" }'),
    '3:60 no time',
    signerLine('{ email = "a@b.c", issuer = "github", valid-from = "2024-02-29T00:00:00Z" }'),
  ],
  [
    'an end before its start',
    signerLine(
      '{ email = "a@b.c", issuer = "github", valid-from = "2024-02-29T00:00:00Z", valid-until = "2024-02-29T00:00:00Z" }',
    ),
    '3:98 not after',
    signerLine(
      '{ email = "a@b.c", issuer = "github", valid-from = "2024-02-29T00:00:00Z", valid-until = "2024-02-29T00:00:01Z" }',
    ),
  ],
  [
    'a name with a space',
    SIMPLE.replace('alice =', '"a lice" ='),
    '3:1 no name',
    SIMPLE.replace('alice =', '"a-lice" ='),
  ],
  [
    'no editors beside two people',
    `${SIMPLE}bob = { email = "b@b.c", issuer = "github" }\n`,
    '1:1 no editors',
    `${SIMPLE}bob = { email = "b@b.c", issuer = "github" }\n[policy]\neditors = ["bob"]\n`,
  ],
  ['no editors beside a workflow only', workflow().replace(/alice.*\n/, ''), '1:1 no editors', workflow()],
  [
    'no editors in the list',
    `${SIMPLE}[policy]\neditors = []\n`,
    '5:11 is empty',
    `${SIMPLE}[policy]\neditors = ["alice"]\n`,
  ],
  [
    'a forge as editor',
    `${SIMPLE}[policy]\neditors = ["alice", "hub"]\n[signers.hub]\nforge = true\nssh = "${SSH_KEY}"\n`,
    '5:21 is a forge',
    `${SIMPLE}[policy]\neditors = ["alice", "hub"]\n[signers.hub]\nssh = "${SSH_KEY}"\n`,
  ],
  [
    'a forge that is none',
    signerLine(
      '[{ email = "a@b.c", issuer = "github", forge = true }, { email = "d@b.c", issuer = "github" }]',
    ),
    '3:9 two names',
    signerLine('[{ email = "a@b.c", issuer = "github" }, { email = "d@b.c", issuer = "github" }]'),
  ],
  [
    'an unknown default',
    `${SIMPLE}[policy]\ndefault = "allow"\n`,
    '5:11 none of signed, deny, open',
    `${SIMPLE}[policy]\ndefault = "open"\n`,
  ],
  ['an empty group', `${SIMPLE}[groups]\ng = []\n`, '5:5 is empty', `${SIMPLE}[groups]\ng = ["alice"]\n`],
  [
    'a group in a group',
    `${SIMPLE}[groups]\ng = ["alice"]\nh = ["@g"]\n`,
    '6:6 signers only',
    `${SIMPLE}[groups]\ng = ["alice"]\nh = ["alice"]\n`,
  ],
  [
    'an undefined name',
    rule('merged = ["bob"]'),
    '7:11 No signer is called "bob"',
    rule('merged = ["alice"]'),
  ],
  ['an undefined group', rule('merged = ["@g"]'), '7:11 No group is called "g"', rule('merged = "*"')],
  ['a rule without refs', rule().replace(/refs.*\n/, ''), '4:3 no refs', rule()],
  ['a rule without signers', rule().replace(/signers = \[.*\n/, ''), '4:3 no signers', rule()],
  [
    'anybody as signer',
    rule().replace('signers = ["alice"]', 'signers = "*"'),
    '6:11 must be a list',
    rule('merged = "*"'),
  ],
  ['a short name of a ref', rule().replace('refs/heads/main', 'main'), '5:9 no full name', rule()],
  [
    'a pattern of another kind',
    rule().replace('heads/main', 'heads/[mn]*'),
    '5:9 more in it',
    rule().replace('heads/main', 'heads/m*'),
  ],
  ['a path from the root', rule('paths = ["/x"]'), '7:10 begins with a /', rule('paths = ["x"]')],
  ['a folder for its files', rule('paths = ["x/"]'), '7:10 more in it', rule('paths = ["x/**"]')],
  ['tags of branches', rule('tags = "any"'), '7:1 is about tags', tagRule('tags = "any"')],
  ['force of paths', rule('paths = ["x"]', 'force = true'), '8:1 is about whole refs', rule('force = true')],
  ['a flag in quotes', rule('force = "true"'), '7:9 true or false', rule('force = true')],
  [
    'an unknown power of the forge',
    rule('forge = ["merge"]'),
    '7:10 clean-merge',
    rule('forge = ["clean-merge"]'),
  ],
  [
    'a revocation of nobody',
    `${SIMPLE}[[revoke]]\nsigner = "bob"\nafter = "2024-02-29T00:00:00Z"\n`,
    '5:10 No signer',
    `${SIMPLE}[[revoke]]\nsigner = "alice"\nafter = "2024-02-29T00:00:00Z"\n`,
  ],
  [
    'a revocation without time',
    `${SIMPLE}[[revoke]]\nsigner = "alice"\n`,
    '4:3 needs signer and after',
    `${SIMPLE}[[revoke]]\nsigner = "alice"\nafter = "2024-02-29T00:00:00Z"\n`,
  ],
  [
    'a short id',
    `${SIMPLE}[[exempt]]\ncommits = ["abcdef0"]\n`,
    '5:12 no full id',
    `${SIMPLE}[[exempt]]\ncommits = ["${'a'.repeat(40)}"]\n`,
  ],
  [
    'an instance that is no digest',
    `instance = ["sandbox"]\n${SIMPLE}`,
    '1:13 SHA-256',
    `instance = ["${'a'.repeat(64)}"]\n${SIMPLE}`,
  ],
  ['a workflow of no ref', workflow('', 'a/b/.github/workflows/r.yml'), '4:20 owner/repository', workflow()],
  [
    'a workflow of another issuer',
    workflow(', issuer = "gitlab"'),
    '4:76 github-actions',
    workflow(', issuer = "github-actions"'),
  ],
  [
    'an unknown claim',
    workflow(', claims = { owner = "1" }'),
    '4:78 is no claim',
    workflow(', claims = { build-trigger = "1" }'),
  ],
  [
    'an empty list of claims',
    workflow(', claims = { build-trigger = [] }'),
    '4:94 is empty',
    workflow(', claims = { build-trigger = ["push"] }'),
  ],
  [
    'claims of a key',
    signerLine(`{ ssh = "${SSH_KEY}", claims = { gh-ref = "x" } }`),
    ':',
    signerLine(`{ ssh = "${SSH_KEY}" }`),
  ],
  [
    'an SSH key of another type inside',
    signerLine(`{ ssh = "${SSH_KEY.replace('ssh-ed25519', 'ssh-rsa')}" }`),
    '3:17 no line',
    signerLine(`{ ssh = "${SSH_KEY}" }`),
  ],
  [
    'an OpenPGP key without fingerprint',
    signerLine('{ openpgp = { file = "k.asc" } }'),
    '3:21 fingerprint and file',
    signerLine(`{ openpgp = { file = "k.asc", fingerprint = "${WEB_FLOW}" } }`),
  ],
  [
    'a short fingerprint',
    signerLine('{ openpgp = { file = "k.asc", fingerprint = "B5690EEEBB952194" } }'),
    '3:21 40 hexadecimal',
    signerLine(`{ openpgp = { file = "k.asc", fingerprint = "${WEB_FLOW}" } }`),
  ],
  [
    'a key outside',
    signerLine(`{ openpgp = { file = "../k.asc", fingerprint = "${WEB_FLOW}" } }`),
    '3:21 no path inside',
    signerLine(`{ openpgp = { file = "k.asc", fingerprint = "${WEB_FLOW}" } }`),
  ],
];

describe('a policy file', () => {
  it.each(REFUSED)('is refused for %s', (_, text, where, right) => {
    const found = problemsOf(text).map(({ line, column, message }) => `${line}:${column} ${message}`);
    const [place = '', ...words] = where.split(' ');
    expect(found).toEqual(
      expect.arrayContaining([
        expect.stringMatching(
          new RegExp(`^${place === ':' ? '' : place}.*${words.join(' ').replace(/[[\]*+]/g, '\\$&')}`),
        ),
      ]),
    );
    expect(parsePolicy(Buffer.from(text)).policy).toBeUndefined();
    expect(problemsOf(right)).toEqual([]);
  });

  it('tells all that is wrong at once, in the order of the file, one sentence each', () => {
    const problems = problemsOf(
      lines('version = 3', '[signers]', 'bob = {}', '[[rule]]', 'refs = []', 'signers = ["carl", "@x"]'),
    );
    expect(problems.map(({ line }) => line)).toEqual([1, 3, 5, 6, 6]);
    for (const { message } of problems) expect(message).toMatch(/^[A-Za-z"\d[].*[^.]\.$/);
  });

  it('is refused where it is too large, no text, or nested without end', () => {
    const comment = `#${'x'.repeat(1022)}\n`;
    expect(problemsOf(SIMPLE + comment.repeat(256))).toMatchObject([
      { message: expect.stringContaining('256 KiB') },
    ]);
    expect(problemsOf(SIMPLE + comment.repeat(255))).toEqual([]);
    expect(parsePolicy(Buffer.from([0xff, 0x3d]))).toMatchObject({ problems: [{ line: 1, column: 1 }] });
    const deep = `a = ${'['.repeat(120_000)}${']'.repeat(120_000)}`;
    expect(parsePolicy(Buffer.from(deep)).policy).toBeUndefined();
  }, 180_000);

  it('may be called by the names of objects', () => {
    const policy = policyOf(SIMPLE.replace('alice =', 'constructor ='));
    expect(policy.editors).toEqual(['constructor']);
    expect(problemsOf(rule('merged = ["toString"]'))).toMatchObject([{ line: 7 }]);
  });

  it('means the same with tables written in full', () => {
    const full = lines('version = 1', '[signers.alice]', 'email = "alice@example.com"', 'issuer = "github"');
    expect(policyOf(full)).toEqual(policyOf(SIMPLE));
    const list = lines(
      'version = 1',
      '[[signers.alice]]',
      'email = "alice@example.com"',
      'issuer = "github"',
    );
    expect(policyOf(list)).toEqual(policyOf(SIMPLE));
  });

  it('warns of what is wider than it looks', () => {
    const warned = (text: string) => parsePolicy(Buffer.from(text)).warnings.map(({ message }) => message);
    expect(warned(SIMPLE)).toEqual([]);
    expect(warned(signerLine('{ email-domain = "b.c", issuer = "github" }'))).toEqual([
      expect.stringContaining('Anybody'),
    ]);
    const bot = `${workflow(', claims = { source-repository-owner-identifier = "1" }')}[policy]\neditors = ["alice"]\n`;
    expect(warned(bot)).toEqual([]);
    expect(warned(bot.replace(', claims = { source-repository-owner-identifier = "1" }', ''))).toEqual([
      expect.stringContaining('takes over the name'),
    ]);
  });
});
