/** `git-signet policy trust`, `update` and `show`: which policy counts in this clone. */

import { toAllowEntry } from '../../adapters/allow.ts';
import { parseConfig } from '../../adapters/config.ts';
import { commonFolder } from '../../adapters/git/commonFolder.ts';
import { readPin, savePin } from '../../adapters/policy/pin.ts';
import { readSettings } from '../../adapters/settings.ts';
import { escapeForTerminal } from '../../adapters/terminal.ts';
import { followPolicy, readPolicyAt } from '../../app/policyChain.ts';
import type { PolicyFile, SignerIdentity } from '../../core/policyFile.ts';
import { EXIT, type ExitCode, SignetError } from '../../errors.ts';
import { isConfirmed } from '../confirm.ts';
import { commitOf, findPin, onServer, openPolicyGate } from '../policyPlace.ts';
import { proposeSource } from '../policySource.ts';
import { printText } from '../print.ts';

export interface TrustArguments {
  readonly introduction: string;
  readonly ref?: string | undefined;
  readonly yes: boolean;
}

/** Prints the editors of the introduction, asks, and pins what follows from it. */
export async function policyTrustCommand(env: NodeJS.ProcessEnv, args: TrustArguments): Promise<ExitCode> {
  const ref = args.ref ?? proposeSource(env);
  const introduction = commitOf(args.introduction, env);
  const tip = commitOf(fullName(ref), env);
  const gate = await openPolicyGate(env);
  const from = await readPolicyAt(introduction, gate);
  const followed = await followPolicy({ from, tip, ref: onServer(ref) }, gate);
  const lines = [
    `Introduction  ${introduction}`,
    `Read from     ${ref}`,
    ...describeEditors(from.file),
    ...(followed.changes.length === 0
      ? []
      : [`Since then    changed ${followed.changes.length} times by editors`]),
  ].map(escapeForTerminal);
  if (args.yes) printText(lines);
  else await confirm(lines, introduction, env);
  savePin(commonFolder(env), { ref, introduction, tip, policy: followed.file });
  printText(['Trusted in this clone. After a fetch: git-signet policy update']);
  return EXIT.good;
}

/** Goes on from where the policy was last looked at. */
export async function policyUpdateCommand(env: NodeJS.ProcessEnv): Promise<ExitCode> {
  const folder = commonFolder(env);
  const pin = readPin(folder);
  if (pin === undefined) throw notPinned();
  const tip = commitOf(fullName(pin.ref), env);
  const { ref, introduction } = pin;
  const from = { commit: pin.tip, file: pin.policy };
  const { changes, file } = await followPolicy({ from, tip, ref: onServer(ref) }, await openPolicyGate(env));
  savePin(folder, { ref, introduction, tip, policy: file });
  printText(
    changes.length === 0
      ? ['The policy has not changed.']
      : [`The policy has changed ${changes.length === 1 ? 'once' : `${changes.length} times`}:`, ...changes],
  );
  return EXIT.good;
}

/** Who may sign here, and who says so. */
export async function policyShowCommand(env: NodeJS.ProcessEnv): Promise<ExitCode> {
  const config = parseConfig(readSettings(env));
  const lines = await describePolicy(config, env);
  printText(lines.map(escapeForTerminal));
  return EXIT.good;
}

async function describePolicy(
  { policyFile, policy }: ReturnType<typeof parseConfig>,
  env: NodeJS.ProcessEnv,
): Promise<readonly string[]> {
  if (policyFile !== '') {
    const { readOutsidePolicy } = await import('../../adapters/policy/outsidePolicy.ts');
    return [`From the file ${policyFile} (signet.policy)`, ...describeSigners(readOutsidePolicy(policyFile))];
  }
  const pin = findPin(env);
  if (pin !== undefined)
    return [
      `From ${pin.ref} at ${pin.tip}, trusted since ${pin.introduction}`,
      ...describeSigners(pin.policy),
    ];
  if (policy.kind !== 'allow')
    return ['No policy counts here: sound signatures are good, and trusted by nobody.'];
  return ['From signet.allow', ...policy.identities.map((identity) => `  ${toAllowEntry(identity)}`)];
}

function describeEditors({ editors, signers }: PolicyFile): readonly string[] {
  return editors.map((name, place) => {
    const { identities = [] } = signers.find((signer) => signer.name === name) ?? {};
    return `${place === 0 ? 'Editors       ' : '              '}${name}: ${identities.map(describeIdentity).join(', ')}`;
  });
}

function describeSigners({ signers }: PolicyFile): readonly string[] {
  return signers.map(({ name, forge, identities }) => {
    return `  ${name}${forge ? ' (forge)' : ''}: ${identities.map(describeIdentity).join(', ')}`;
  });
}

function describeIdentity(identity: SignerIdentity): string {
  const until = identity.validUntil === undefined ? '' : ` until ${identity.validUntil}`;
  switch (identity.type) {
    case 'ssh':
      return `${identity.key.slice(0, 40)}…${until}`;
    case 'openpgp':
      return `OpenPGP ${identity.fingerprint}${until}`;
    case 'email':
    case 'uri':
    case 'username':
    case 'email-domain':
      return `${identity.type === 'email-domain' ? '*@' : ''}${identity.value} (${identity.issuer})${until}`;
  }
}

function fullName(ref: string): string {
  if (/^refs\/[^\s]+$/.test(ref)) return ref;
  throw new SignetError(
    'usage',
    `${ref} is no full name of a ref.`,
    'Write it as in refs/remotes/origin/main',
  );
}

async function confirm(
  lines: readonly string[],
  introduction: string,
  env: NodeJS.ProcessEnv,
): Promise<void> {
  const question = 'Are these the people who may say who signs here? Type yes to trust them:';
  if (await isConfirmed(lines, question, env)) return;
  throw new SignetError(
    'config',
    'Nobody confirmed the policy.',
    `If you know its editors: git-signet policy trust ${introduction} --yes`,
  );
}

function notPinned(): SignetError {
  return new SignetError(
    'config',
    'No policy is trusted in this clone yet.',
    'Run git-signet policy trust OID',
  );
}
