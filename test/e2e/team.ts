/** Main takes what Alice signs or merges; tags of releases are signed. */
const RULES = `[[rule]]
refs = ["refs/heads/main", "refs/heads/release/*"]
signers = ["alice"]
merged = ["alice", "bob"]

[[rule]]
refs = ["refs/tags/v*"]
signers = ["alice"]
tags = "signed"
target = ["refs/heads/main", "refs/heads/release/*"]
`;

/** The parts of a policy in which Alice edits and Bob develops. */
export function team(issuer: string, rules: string = RULES): string {
  return `[policy]
editors = ["alice"]
[signers]
alice = { email = "alice@example.com", issuer = ${JSON.stringify(issuer)} }
bob = { email = "bob@example.com", issuer = ${JSON.stringify(issuer)} }
${rules}`;
}
