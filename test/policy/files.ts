/** Policies for tests: the two of the documentation, and parsing that must succeed. */
import { expect } from 'vitest';
import { parsePolicy } from '../../src/adapters/policy/parsePolicy.ts';
import type { PolicyFile } from '../../src/core/policyFile.ts';

export const GITHUB = 'https://github.com/login/oauth';
export const GOOGLE = 'https://accounts.google.com';
export const ACTIONS = 'https://token.actions.githubusercontent.com';

export const SIMPLE = `version = 1
[signers]
alice = { email = "alice@example.com", issuer = "github" }
`;

export const SSH_KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFN8gbNAHlqQ2NbRSVq2+XGS8xdzrk7kRHv6hQ0cGSDJ';
export const WEB_FLOW = '968479A1AFF927E37D1A566BB5690EEEBB952194';
export const DEPENDABOT = '49699333+dependabot[bot]@users.noreply.github.com';

export const TEAM = `version = 1

[policy]
editors   = ["@maintainers"]
default   = "signed"
committer = "off"

[signers]
alice = [
  { email = "alice@example.com", issuer = "github", committers = ["1+alice@users.noreply.github.com"] },
  { ssh = "${SSH_KEY} alice@laptop", valid-until = "2026-01-01T00:00:00Z" },
]
bob = { email = "bob@example.com", issuer = "google", valid-until = "2026-06-30T00:00:00Z" }
carol = { email = "carol@example.com", issuer = "google", valid-from = "2026-02-01T00:00:00Z" }
release-bot = { workflow = "acme/app/.github/workflows/release.yml@refs/heads/main", claims = { build-trigger = ["push", "workflow_dispatch"], source-repository-owner-identifier = "5678" } }
github = { openpgp = { fingerprint = "${WEB_FLOW}", file = "keys/web-flow.asc" }, forge = true }

[groups]
maintainers = ["alice"]
developers  = ["alice", "bob", "carol", "release-bot"]

[[rule]]
refs    = ["refs/heads/main", "refs/heads/release/*"]
signers = ["@maintainers", "release-bot"]
merged  = ["@developers"]
forge   = ["clean-merge"]
forge-authors = ["${DEPENDABOT}"]

[[rule]]
refs    = ["refs/tags/v*"]
signers = ["@maintainers", "release-bot"]
target  = ["refs/heads/main"]

[[rule]]
refs    = ["refs/heads/main"]
paths   = [".github/**"]
signers = ["@maintainers"]

[[revoke]]
signer = "bob"
after  = "2026-05-01T00:00:00Z"
reason = "stolen laptop"

[[exempt]]
commits = ["${'e'.repeat(40)}"]
reason = "looked at"
`;

/** Fails where the text is no policy. */
export function policyOf(text: string): PolicyFile {
  const { policy, problems } = parsePolicy(Buffer.from(text));
  expect(problems).toEqual([]);
  return policy as PolicyFile;
}
