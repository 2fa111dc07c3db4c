/** Adding and removing signers in the text of a policy: their own lines only, the rest stays byte for byte. */
import { SignetError } from '../../errors.ts';
import { parsePolicy, parseToml } from './parsePolicy.ts';

/** The text with a line for the signer below `[signers]`. Throws SignetError `config` or `usage`. */
export function addSigner(text: string, name: string, identity: Readonly<Record<string, string>>): string {
  const before = policyOf(text);
  if (before.signers.some((signer) => signer.name === name))
    throw new SignetError(
      'usage',
      `${name} is in the policy already.`,
      'Edit their line, or take another name.',
    );
  const fields = Object.entries(identity).map(([key, value]) => `${key} = ${JSON.stringify(value)}`);
  const lines = text.split('\n');
  const header = lines.findIndex((line) => /^\s*\[\s*signers\s*\]\s*(#.*)?\r?$/.test(line));
  const ending = text.includes('\r\n') ? '\r' : '';
  const added = [
    ...lines.slice(0, header + 1),
    `${name} = { ${fields.join(', ')} }${ending}`,
    ...lines.slice(header + 1),
  ];
  const after = added.join('\n');
  const { policy, problems } = parsePolicy(Buffer.from(after));
  const rest = policy?.signers.filter((signer) => signer.name !== name);
  if (header >= 0 && same(rest, before.signers) && policy?.signers.length === before.signers.length + 1)
    return after;
  const why =
    header < 0 ? 'it has no line [signers]' : (problems[0]?.message ?? 'something else would change');
  throw new SignetError(
    'config',
    `${name} cannot be added: ${why}`,
    'See git-signet policy add --help, or write the line yourself.',
  );
}

/** The text without the lines of the signer. Throws SignetError `config` or `usage`. */
export function removeSigner(text: string, name: string): string {
  const before = policyOf(text);
  const root = parseToml(Buffer.from(text));
  const signers = 'kind' in root && root.kind === 'table' ? root.entries.get('signers')?.value : undefined;
  const entry = signers?.kind === 'table' ? signers.entries.get(name) : undefined;
  if (entry === undefined)
    throw new SignetError('usage', `${name} is not in the policy.`, 'See git-signet policy show.');
  const lines = text.split('\n');
  const start = entry.key.line - 1;
  let why = '';
  for (let end = start + 1; end <= lines.length; end += 1) {
    const after = [...lines.slice(0, start), ...lines.slice(end)].join('\n');
    const { policy, problems } = parsePolicy(Buffer.from(after));
    const rest = before.signers.filter((signer) => signer.name !== name);
    if (same(policy?.signers, rest)) return after;
    // The nearest to success is about names that are left behind, not about torn TOML.
    const left = problems.find(({ message }) => /^No (signer|group)|editors|signers\.$/.test(message));
    if (left !== undefined && why === '') why = `line ${left.line}: ${left.message}`;
  }
  throw new SignetError(
    'config',
    `${name} cannot be removed: ${why === '' ? 'the lines are not their own.' : why}`,
    'Take the name out of groups, rules and editors first; or set valid-until, which keeps old commits good.',
  );
}

function policyOf(text: string) {
  const { policy, problems } = parsePolicy(Buffer.from(text));
  if (policy !== undefined) return policy;
  const [first] = problems;
  throw new SignetError(
    'config',
    `The policy is wrong in line ${first?.line}: ${first?.message}`,
    'Run git-signet policy check.',
  );
}

function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
