/** Who it is and what they may do: each refusal beside what differs from it in one thing only. */
import { describe, expect, it, test } from 'vitest';
import { CLAIMS } from '../../src/core/policy/claims.ts';
import {
  type CommitDeed,
  isByEditor,
  judgeCommit,
  judgePush,
  judgeTag,
  sameAddress,
} from '../../src/core/policy/mayDo.ts';
import { PUBLIC_INSTANCES } from '../../src/core/policy/readPolicy.ts';
import { mayUpdate, rulesFor, wantsPushCertificate } from '../../src/core/policy/refRules.ts';
import type { SignatureFacts } from '../../src/core/policy/signature.ts';
import { whoIs } from '../../src/core/policy/whoIs.ts';
import { ACTIONS, DEPENDABOT, GITHUB, GOOGLE, policyOf, SIMPLE, SSH_KEY, TEAM, WEB_FLOW } from './files.ts';

const TEAM_POLICY = policyOf(TEAM);
const MARCH = new Date('2026-03-01T00:00:00Z');

type Sigstore = Extract<SignatureFacts, { type: 'sigstore' }>;

function facts(
  value: string,
  issuer: string,
  more: Partial<Sigstore> & { type?: never; san?: 'uri' | 'username' } = {},
): SignatureFacts {
  const { san = 'email', ...others } = more;
  return {
    type: 'sigstore',
    identity: { subject: { type: san, value }, issuer },
    claims: new Map(),
    instance: PUBLIC_INSTANCES[1] ?? '',
    at: MARCH,
    ...others,
  };
}

const ALICE = facts('alice@example.com', GITHUB);
const BOB = facts('bob@example.com', GOOGLE);
const CAROL = facts('carol@example.com', GOOGLE);
const FORGE: SignatureFacts = { type: 'openpgp', fingerprint: WEB_FLOW, at: MARCH };
const BOT_URI = 'https://github.com/acme/app/.github/workflows/release.yml@refs/heads/main';

function bot(claims: Readonly<Record<string, string>> = {}, uri = BOT_URI): SignatureFacts {
  const all = {
    'source-repository-uri': 'https://github.com/acme/app',
    'build-trigger': 'push',
    'source-repository-owner-identifier': '5678',
    ...claims,
  };
  const numbered = Object.entries(all).map(([name, text]): [number, string] => [CLAIMS[name] ?? 0, text]);
  return facts(uri, ACTIONS, { san: 'uri', claims: new Map(numbered) });
}

const answer = (signature: SignatureFacts, policy = TEAM_POLICY): string => {
  const standing = whoIs(signature, policy);
  return 'reason' in standing ? standing.reason : standing.known.map(({ name }) => name).join();
};

describe('who it is', () => {
  test.each<readonly [string, SignatureFacts, string, SignatureFacts, string]>([
    ['another issuer (case 8)', facts('alice@example.com', GOOGLE), 'issuer-mismatch', ALICE, 'alice'],
    [
      'a look-alike (case 9)',
      facts('alice@exampleXcom.evil.org', GITHUB),
      'identity-not-listed',
      ALICE,
      'alice',
    ],
    ['more before it', facts('xalice@example.com', GITHUB), 'identity-not-listed', ALICE, 'alice'],
    ['other letters', facts('Alice@example.com', GITHUB), 'identity-not-listed', ALICE, 'alice'],
    [
      'a URI that reads the same',
      facts('alice@example.com', GITHUB, { san: 'uri' }),
      'identity-not-listed',
      ALICE,
      'alice',
    ],
    [
      'a user name that reads the same',
      facts('alice@example.com', GITHUB, { san: 'username' }),
      'identity-not-listed',
      ALICE,
      'alice',
    ],
    [
      'a stranger who calls the workflow (case 10)',
      bot({ 'source-repository-uri': 'https://github.com/mallory/app' }),
      'claim-mismatch',
      bot(),
      'release-bot',
    ],
    [
      'an owner who took over the name',
      bot({ 'source-repository-owner-identifier': '9' }),
      'claim-mismatch',
      bot(),
      'release-bot',
    ],
    [
      'another trigger',
      bot({ 'build-trigger': 'pull_request_target' }),
      'claim-mismatch',
      bot({ 'build-trigger': 'workflow_dispatch' }),
      'release-bot',
    ],
    [
      'a pull request of the workflow (case 11)',
      bot({}, BOT_URI.replace('heads/main', 'pull/7/merge')),
      'identity-not-listed',
      bot(),
      'release-bot',
    ],
    [
      'a tag called main',
      bot({}, BOT_URI.replace('heads', 'tags')),
      'identity-not-listed',
      bot(),
      'release-bot',
    ],
    [
      'an ended listing (case 12)',
      { ...BOB, at: new Date('2026-06-30T00:00:00Z') },
      'expired',
      { ...CAROL, at: new Date('2026-06-30T00:00:00Z') },
      'carol',
    ],
    [
      'a revoked time (case 13)',
      { ...BOB, at: new Date('2026-05-01T00:00:00Z') },
      'revoked',
      { ...BOB, at: new Date('2026-04-30T23:59:59.999Z') },
      'bob',
    ],
    [
      'a listing that has not begun',
      { ...CAROL, at: new Date('2026-01-31T23:59:59.999Z') },
      'not-yet-valid',
      { ...CAROL, at: new Date('2026-02-01T00:00:00Z') },
      'carol',
    ],
    [
      'another Sigstore',
      facts('alice@example.com', GITHUB, { instance: 'a'.repeat(64) }),
      'other-instance',
      ALICE,
      'alice',
    ],
    [
      'an SSH key after its end',
      { type: 'ssh', key: SSH_KEY, at: MARCH },
      'expired',
      { type: 'ssh', key: SSH_KEY, at: new Date('2025-12-31T23:59:59Z') },
      'alice',
    ],
    [
      'another SSH key',
      { type: 'ssh', key: `${SSH_KEY}A`, at: new Date(0) },
      'identity-not-listed',
      { type: 'ssh', key: SSH_KEY, at: new Date(0) },
      'alice',
    ],
    [
      'another OpenPGP key',
      { ...FORGE, fingerprint: `0${WEB_FLOW.slice(1)}` },
      'identity-not-listed',
      FORGE,
      'github',
    ],
  ])('is nobody with %s', (_, refused, reason, accepted, name) => {
    expect(answer(refused)).toBe(reason);
    expect(answer(accepted)).toBe(name);
  });

  test('a domain is what follows the only @', () => {
    const policy = policyOf(SIMPLE.replace('email = "alice@example.com"', 'email-domain = "example.com"'));
    expect(answer(facts('bob@example.com', GITHUB), policy)).toBe('alice');
    for (const address of [
      'bob@sub.example.com',
      'bob@example.com.evil.org',
      'a@evil.org@example.com',
      '@example.com',
      'example.com',
    ])
      expect(answer(facts(address, GITHUB), policy)).toBe('identity-not-listed');
    expect(answer(facts('bob@example.com', GITHUB, { san: 'uri' }), policy)).toBe('identity-not-listed');
  });

  test('who is revoked under one name is not let in by another', () => {
    const twice = `${TEAM}\n[signers.robert]\nemail = "bob@example.com"\nissuer = "google"\n`;
    const late = { ...BOB, at: new Date('2026-05-02T00:00:00Z') };
    expect(answer(late, policyOf(twice))).toBe('revoked');
    expect(answer(BOB, policyOf(twice))).toBe('bob,robert');
  });
});

const MAIN = rulesFor(TEAM_POLICY, ['refs/heads/main']);
const OTHER = rulesFor(TEAM_POLICY, ['refs/heads/topic']);
const DEED: CommitDeed = {
  oid: 'a'.repeat(40),
  signed: { facts: ALICE },
  mainline: true,
  author: 'alice@example.com',
  committer: 'alice@example.com',
  changedPaths: [],
  policyChange: 'none',
  cleanMerge: false,
};

const ruling = (deed: Partial<CommitDeed>, rules = MAIN, policy = TEAM_POLICY): string =>
  judgeCommit({ ...DEED, ...deed }, rules, policy).reason;

describe('a commit', () => {
  const side = { mainline: false } as const;
  const web = { signed: { facts: FORGE } } as const;
  test.each<readonly [string, Partial<CommitDeed>, string, Partial<CommitDeed>]>([
    [
      'by a developer on main',
      { signed: { facts: CAROL } },
      'role-not-allowed',
      { signed: { facts: CAROL }, ...side },
    ],
    [
      'by the bot in its place',
      { signed: { facts: bot() }, changedPaths: ['.github/x'] },
      'path-not-allowed',
      { signed: { facts: bot() }, changedPaths: ['github/x'] },
    ],
    [
      'merged in, of protected files',
      { signed: { facts: CAROL }, ...side, changedPaths: ['.github/x/y'] },
      'path-not-allowed',
      { ...side, changedPaths: ['.github/x/y'] },
    ],
    ['without signature', { signed: { reason: 'unsigned' } }, 'unsigned', { signed: { facts: ALICE } }],
    [
      'without signature, exempt but for one digit',
      { signed: { reason: 'unsigned' } },
      'unsigned',
      { signed: { reason: 'unsigned' }, oid: 'e'.repeat(40) },
    ],
    [
      'that changes the policy, by no editor (case 5)',
      { signed: { facts: bot() }, policyChange: 'own' },
      'policy-change-denied',
      { policyChange: 'own' },
    ],
    ['of the forge that is no clean merge (case 14)', web, 'forge-not-allowed', { ...web, cleanMerge: true }],
    [
      'of the forge for another author',
      { ...web, author: 'mallory@users.noreply.github.com' },
      'forge-not-allowed',
      { ...web, author: DEPENDABOT },
    ],
    [
      'of the forge for an author, of protected files',
      { ...web, author: DEPENDABOT, changedPaths: ['.github/x'] },
      'forge-not-allowed',
      { ...web, cleanMerge: true, changedPaths: ['.github/x'] },
    ],
    [
      'of the forge that changes the policy',
      { ...web, cleanMerge: true, policyChange: 'own' },
      'policy-change-denied',
      { ...web, cleanMerge: true, policyChange: 'by-editors' },
    ],
    [
      'of the forge for an author that changes the policy',
      { ...web, author: DEPENDABOT, policyChange: 'own' },
      'policy-change-denied',
      { ...web, author: DEPENDABOT },
    ],
  ])('%s is refused', (_, refused, reason, passing) => {
    expect(ruling(refused)).toBe(reason);
    expect(['allowed', 'exempt']).toContain(ruling(passing));
  });

  it('is judged by the default where no rule names the ref', () => {
    expect(ruling({ signed: { facts: CAROL } }, OTHER)).toBe('allowed');
    expect(ruling({ signed: { facts: facts('m@evil.org', GITHUB) } }, OTHER)).toBe('identity-not-listed');
    expect(ruling({ signed: { facts: FORGE } }, OTHER)).toBe('forge-not-allowed');
    expect(ruling({ signed: { facts: FORGE }, cleanMerge: true }, OTHER)).toBe('allowed');
    const under = (other: string) => policyOf(TEAM.replace('default   = "signed"', `default = "${other}"`));
    for (const [other, reason] of [
      ['deny', 'ref-denied'],
      ['open', 'open'],
    ] as const) {
      const policy = under(other);
      expect(ruling({ signed: { reason: 'unsigned' } }, rulesFor(policy, ['refs/heads/topic']), policy)).toBe(
        reason,
      );
    }
    const open = under('open');
    expect(ruling({ signed: { reason: 'unsigned' } }, rulesFor(open, ['refs/heads/main']), open)).toBe(
      'unsigned',
    );
  });

  it('of anybody may be merged where every rule says so', () => {
    const policy = policyOf(TEAM.replace('merged  = ["@developers"]', 'merged = "*"'));
    const rules = rulesFor(policy, ['refs/heads/main']);
    expect(ruling({ signed: { reason: 'unsigned' }, mainline: false }, rules, policy)).toBe('vouched-for');
    expect(ruling({ signed: { reason: 'unsigned' } }, rules, policy)).toBe('unsigned');
    const touching = {
      signed: { reason: 'unsigned' },
      mainline: false,
      changedPaths: ['.github/x'],
    } as const;
    expect(ruling(touching, rules, policy)).toBe('unsigned');
  });

  it('says which rule refused it', () => {
    const { signer, rule } = judgeCommit({ ...DEED, signed: { facts: CAROL } }, MAIN, TEAM_POLICY);
    expect(signer).toBe('carol');
    expect(TEAM.split('\n')[(rule?.line ?? 0) - 1]).toBe('[[rule]]');
  });

  it('has the committer who signed, where the policy wants that', () => {
    const policy = policyOf(TEAM.replace('committer = "off"', 'committer = "require"'));
    const committed = (committer: string, signature = ALICE) =>
      ruling({ committer, signed: { facts: signature } }, MAIN, policy);
    expect(committed('alice@example.com')).toBe('allowed');
    expect(committed('alice@EXAMPLE.com')).toBe('allowed');
    expect(committed('1+alice@users.noreply.github.com')).toBe('allowed');
    expect(committed('ALICE@example.com')).toBe('committer-mismatch');
    expect(committed('bob@example.com')).toBe('committer-mismatch');
    expect(committed('x@example.com', bot())).toBe('committer-mismatch');
    const warning = policyOf(TEAM.replace('committer = "off"', 'committer = "warn"'));
    const warned = judgeCommit({ ...DEED, committer: 'bob@example.com' }, MAIN, warning);
    expect(warned).toMatchObject({ reason: 'allowed', committerDiffers: true });
    expect(judgeCommit(DEED, MAIN, warning).committerDiffers).toBeUndefined();
  });
});

describe('tags, pushes and editors', () => {
  const TAG = rulesFor(TEAM_POLICY, ['refs/tags/v1']);
  const tag = (signed: CommitDeed['signed'], rules = TAG) =>
    judgeTag({ signed, tagger: undefined }, rules, TEAM_POLICY).reason;

  test('a tag is by those whom the rule names', () => {
    expect(tag({ facts: ALICE })).toBe('allowed');
    expect(tag({ facts: CAROL })).toBe('role-not-allowed');
    expect(tag({ reason: 'unsigned' })).toBe('unsigned');
    const free = rulesFor(TEAM_POLICY, ['refs/tags/nightly']);
    expect(tag({ reason: 'unsigned' }, free)).toBe('open');
    expect(tag({ facts: CAROL }, free)).toBe('allowed');
    expect(tag({ facts: facts('m@evil.org', GITHUB) }, free)).toBe('identity-not-listed');
  });

  test('a push is by those who may sign there', () => {
    expect(judgePush({ facts: ALICE }, MAIN, TEAM_POLICY).reason).toBe('allowed');
    expect(judgePush({ facts: CAROL }, MAIN, TEAM_POLICY).reason).toBe('role-not-allowed');
    expect(judgePush({ facts: CAROL }, OTHER, TEAM_POLICY).reason).toBe('allowed');
    expect(judgePush({ facts: FORGE }, OTHER, TEAM_POLICY).reason).toBe('forge-not-allowed');
  });

  test('an editor is one now', () => {
    expect(isByEditor({ facts: ALICE }, TEAM_POLICY)).toBe(true);
    expect(isByEditor({ facts: CAROL }, TEAM_POLICY)).toBe(false);
    expect(isByEditor({ reason: 'unsigned' }, TEAM_POLICY)).toBe(false);
    expect(isByEditor({ facts: { ...(ALICE as Sigstore), instance: 'f'.repeat(64) } }, TEAM_POLICY)).toBe(
      false,
    );
  });
});

describe('the rules of a ref', () => {
  test('are those of all its names, whatever their case where the file system says so', () => {
    expect(MAIN.whole).toHaveLength(1);
    expect(MAIN.paths).toHaveLength(1);
    expect(rulesFor(TEAM_POLICY, ['refs/heads/master']).whole).toHaveLength(0);
    expect(rulesFor(TEAM_POLICY, ['refs/heads/master', 'refs/heads/main']).whole).toHaveLength(1);
    expect(rulesFor(TEAM_POLICY, ['refs/heads/Main']).whole).toHaveLength(0);
    expect(rulesFor(TEAM_POLICY, ['refs/heads/Main'], true).whole).toHaveLength(1);
  });

  test('allow force, deletion and moved tags only where they say so', () => {
    for (const what of ['force', 'delete', 'update'] as const) {
      expect(mayUpdate(MAIN, what)).toBe(false);
      expect(mayUpdate(OTHER, what)).toBe(true);
    }
    const policy = policyOf(TEAM.replace('forge   = ["clean-merge"]', 'force = true\npush-cert = "require"'));
    const rules = rulesFor(policy, ['refs/heads/main']);
    expect([mayUpdate(rules, 'force'), mayUpdate(rules, 'delete')]).toEqual([true, false]);
    expect([wantsPushCertificate(rules), wantsPushCertificate(MAIN)]).toEqual([true, false]);
  });

  test('know addresses whose domains differ in case', () => {
    expect(sameAddress('a@B.c', 'a@b.C')).toBe(true);
    expect(sameAddress('A@b.c', 'a@b.c')).toBe(false);
  });
});
