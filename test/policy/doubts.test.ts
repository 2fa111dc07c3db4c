/** What `policy check` warns of, each beside the same file without it. */
import { expect, test } from 'vitest';
import { parsePolicy } from '../../src/adapters/policy/parsePolicy.ts';

const START = 'version = 1\n[policy]\neditors = ["alice"]\n';
const ALICE = '[signers]\nalice = { email = "alice@example.com", issuer = "github" }\n';
const BOB = 'bob = { email = "bob@example.com", issuer = "google" }\n';
const rule = (ref: string, more: string) => `[[rule]]\nrefs = ["${ref}"]\n${more}\n`;

const CASES: readonly (readonly [string, string, string])[] = [
  [
    'bob is also alice',
    `${START}${ALICE}${BOB.replace('bob@example.com', 'alice@example.com').replace('google', 'github')}`,
    `${START}${ALICE}${BOB}`,
  ],
  ['vouches for workflows', `${START}${ALICE.replace('"github"', '"github-actions"')}`, `${START}${ALICE}`],
  [
    'No editor is a signer here',
    `${START}${ALICE}${BOB}${rule('refs/heads/main', 'signers = ["bob"]')}`,
    `${START}${ALICE}${BOB}${rule('refs/heads/main', 'signers = ["alice"]')}`,
  ],
  [
    'comes in by a merge here, also unsigned',
    `${START}${ALICE}${rule('refs/heads/main', 'signers = ["alice"]\nmerged = "*"')}`,
    `${START}${ALICE}${rule('refs/heads/main', 'signers = ["alice"]\nmerged = ["alice"]')}`,
  ],
  [
    'Every editor is revoked',
    `${START}${ALICE}${BOB}[[revoke]]\nsigner = "alice"\nafter = "2026-01-01T00:00:00Z"\nreason = "lost"\n`,
    `${START}${ALICE}${BOB}[[revoke]]\nsigner = "bob"\nafter = "2026-01-01T00:00:00Z"\nreason = "lost"\n`,
  ],
  [
    'take anything from anybody',
    `${START}default = "open"\n${ALICE}`,
    `${START}default = "signed"\n${ALICE}`,
  ],
];

test.each(CASES)('%s', (message, doubtful, right) => {
  const warned = (text: string) => {
    const { problems, warnings } = parsePolicy(Buffer.from(text));
    expect(problems).toEqual([]);
    return warnings.map((one) => one.message);
  };
  expect(warned(doubtful)).toEqual([expect.stringContaining(message)]);
  expect(warned(right)).toEqual([]);
});

test('a tag rule needs no editor', () => {
  const text = `${START}${ALICE}${BOB}${rule('refs/tags/v*', 'signers = ["bob"]')}`;
  expect(parsePolicy(Buffer.from(text)).warnings).toEqual([]);
});
