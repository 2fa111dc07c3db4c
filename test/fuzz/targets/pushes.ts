/** What a server judges a push by: git's lines, the signature of the push, headers of objects, and the policy file. */
import { parsePolicy } from '../../../src/adapters/policy/parsePolicy.ts';
import { openPushCertificate } from '../../../src/app/gate/pushCertificate.ts';
import { parseUpdates } from '../../../src/cli/preReceive.ts';
import { parseCommitHeader, parseTagHeader } from '../../../src/core/gate/header.ts';
import { judgeCommit, judgePush, judgeTag } from '../../../src/core/policy/mayDo.ts';
import { rulesFor } from '../../../src/core/policy/refRules.ts';
import type { PolicyFile } from '../../../src/core/policyFile.ts';
import { REASONS } from '../../../src/core/reasons.ts';
import { SIMPLE, TEAM } from '../../policy/files.ts';
import { derOf, signatureEssence } from '../essence.ts';
import { allObjects, seedFile, toyTrust } from '../seeds.ts';
import { BrokenPromise, mustEqual, orRefused, type Target } from '../target.ts';

const payload = seedFile('push_certificate.payload').toString('latin1');
const armor = seedFile('push_certificate.signature').toString('latin1');
const [command = ''] = payload.slice(payload.indexOf('\n\n') + 2).split('\n');
const updates = parseUpdates(Buffer.from(`${command}\n`));
const CLAIMS = { blob: '1'.repeat(40), nonce: '1-2', nonceStatus: 'OK', now: new Date(1000) };
const essence = JSON.stringify(signatureEssence(derOf(armor)));

const opened = openPushCertificate(Buffer.from(payload + armor), CLAIMS, updates, toyTrust);
if (!('facts' in opened)) throw new Error(`the push certificate is ${opened.reason}`);

const FULL = `version = 1
[policy]
editors = ["a"]
default = "deny"
committer = "require"
[signers.a]
username = "a!example"
issuer = "https://issuer.example"
[signers]
"b.c" = [{ email-domain = 'example.com', issuer = "github", valid-until = "2027-01-01T00:00:00Z" }]
[[rule]]
refs = ["refs/**", 'refs/tags/v*']
signers = ["a", "b.c"]
merged = "*"
push-cert = "require"
tags = "annotated"
force = true
[[revoke]]
signer = "b.c"
after = "2026-05-01T00:00:00Z"
reason = """
x"""
[[exempt]]
commits = ["${'2'.repeat(40)}"]
reason = "before"
`;

export const PUSHES: readonly Target[] = [
  {
    name: 'pushedRefs',
    seeds: () =>
      [
        `${'0'.repeat(40)} ${'1'.repeat(40)} refs/heads/main\n`,
        `${'1'.repeat(64)} ${'0'.repeat(64)} refs/tags/v1\n${'2'.repeat(64)} ${'3'.repeat(64)} refs/heads/a/b\n`,
      ].map((text) => Buffer.from(text)),
    run: (input) => {
      const parsed = orRefused(() => parseUpdates(input));
      if (parsed === undefined) return;
      const again = parsed.map((update) => `${update.old} ${update.new} ${update.ref}\n`).join('');
      mustEqual(again, input, 'lines that parse are the one encoding');
      if (parsed.length === 0) throw new BrokenPromise('a push of nothing');
    },
  },
  {
    name: 'pushCertificate',
    seeds: () => [Buffer.from(payload + armor, 'latin1')],
    run: (blob) => {
      const signed = openPushCertificate(blob, CLAIMS, updates, toyTrust);
      if (!('facts' in signed)) return void mustBeReason(signed.reason);
      const text = blob.toString('latin1');
      const from = text.indexOf('-----BEGIN SIGNED MESSAGE-----');
      mustEqual(text.slice(0, from), payload, 'what a sound push certificate says');
      mustEqual(JSON.stringify(signatureEssence(derOf(text.slice(from)))), essence, 'its signature');
    },
  },
  {
    name: 'objectHeader',
    seeds: () => allObjects.map(({ raw }) => raw),
    run: (raw) => {
      const commit = parseCommitHeader(raw);
      const tag = parseTagHeader(raw);
      const text = raw.toString('utf8');
      if (commit !== undefined && !text.startsWith(`tree ${commit.tree}\n`))
        throw new BrokenPromise('another tree than the first line says');
      if (
        tag !== undefined &&
        !text.startsWith(`object ${tag.target}\ntype ${tag.targetType}\ntag ${tag.name}\n`)
      )
        throw new BrokenPromise('another tag than the first lines say');
      for (const address of [commit?.author, commit?.committer, tag?.tagger]) {
        if (address !== undefined && /[\n<>]/.test(address)) throw new BrokenPromise('more than one address');
      }
      if ((commit?.parents ?? []).some((parent) => !/^[0-9a-f]{40,64}$/.test(parent)))
        throw new BrokenPromise('a parent that is no object id');
    },
  },
  {
    name: 'policyFile',
    seeds: () => [SIMPLE, TEAM, FULL].map((text) => Buffer.from(text)),
    run: (bytes) => {
      const { policy, problems, warnings } = parsePolicy(bytes);
      if ((policy === undefined) !== problems.length > 0) throw new BrokenPromise('refused without a reason');
      for (const { line, column, message } of [...problems, ...warnings]) {
        if (!(line >= 1 && column >= 1) || message === '' || message.length > 2000)
          throw new BrokenPromise(`${line}:${column}: ${message.slice(0, 200)}`);
      }
      if (policy !== undefined) mustDecide(policy);
    },
  },
];

/** Whatever a policy says, it decides, with a reason that there is, and it comes back from JSON as it was. */
function mustDecide(policy: PolicyFile): void {
  mustEqual(
    JSON.stringify(JSON.parse(JSON.stringify(policy))),
    JSON.stringify(policy),
    'a policy in a clone',
  );
  if (policy.editors.length === 0 || policy.instances.length === 0)
    throw new BrokenPromise('a policy that anybody may change');
  const names = new Set(policy.signers.map(({ name }) => name));
  const named = policy.rules.flatMap(({ signers, merged }) => [
    ...signers,
    ...(merged === '*' ? [] : merged),
  ]);
  for (const name of [...policy.editors, ...named, ...policy.revocations.map(({ signer }) => signer)]) {
    if (!names.has(name)) throw new BrokenPromise(`a name of nobody: ${name}`);
  }
  for (const ref of ['refs/heads/main', 'refs/tags/v1', `refs/heads/${'a/'.repeat(120)}a`]) {
    const rules = rulesFor(policy, [ref], true);
    for (const signed of [opened, { reason: 'unsigned' } as const]) {
      const deed = {
        oid: '3'.repeat(40),
        signed,
        mainline: true,
        author: 'alice@example.com',
        committer: undefined,
        changedPaths: ['.github/workflows/release.yml', '.signet.toml'],
        policyChange: 'own',
        cleanMerge: true,
      } as const;
      mustBeReason(judgeCommit(deed, rules, policy).reason);
      mustBeReason(judgeTag({ signed, tagger: undefined }, rules, policy).reason);
      mustBeReason(judgePush(signed, rules, policy).reason);
      // Alice of the toy is in none of the seeds' policies.
      if (judgePush(signed, rules, policy).reason === 'allowed')
        throw new BrokenPromise('a stranger may push');
    }
  }
}

function mustBeReason(reason: string): void {
  if (!(reason in REASONS)) throw new BrokenPromise(`no reason: ${reason}`);
}
