/** `git-signet policy init`, `add` and `remove`: the file of this work tree. Nothing is committed. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openHistory } from '../../adapters/git/history.ts';
import { runGit } from '../../adapters/git/runGit.ts';
import { addSigner, removeSigner } from '../../adapters/policy/editPolicy.ts';
import { ISSUER_ALIASES } from '../../core/policy/issuers.ts';
import { PUBLIC_INSTANCES } from '../../core/policy/readPolicy.ts';
import { isName, NAME_RULE } from '../../core/policy/readSigners.ts';
import { POLICY_FILE_NAME } from '../../core/policyFile.ts';
import type { Signer } from '../../core/verdict.ts';
import { EXIT, type ExitCode, SignetError } from '../../errors.ts';
import { openJudging } from '../judging.ts';
import { print } from '../print.ts';

export interface AddArguments {
  readonly name: string;
  readonly email?: string | undefined;
  readonly uri?: string | undefined;
  readonly workflow?: string | undefined;
  readonly ssh?: string | undefined;
  readonly issuer?: string | undefined;
}

export async function policyAddCommand(env: NodeJS.ProcessEnv, args: AddArguments): Promise<ExitCode> {
  const { name, email, uri, workflow, ssh, issuer } = args;
  if (!isName(name))
    throw new SignetError('usage', `${JSON.stringify(name)} is no name.`, `Names are ${NAME_RULE}.`);
  const given = Object.entries({ email, uri, workflow, ssh, issuer }).filter(
    (field): field is [string, string] => field[1] !== undefined,
  );
  const path = fileHere(env);
  writeFileSync(path, addSigner(readFileSync(path, 'utf8'), name, Object.fromEntries(given)));
  print([`${name} is in ${POLICY_FILE_NAME}; it counts once an editor has signed and pushed that.`]);
  return EXIT.good;
}

export async function policyRemoveCommand(
  env: NodeJS.ProcessEnv,
  args: { readonly name: string },
): Promise<ExitCode> {
  const path = fileHere(env);
  writeFileSync(path, removeSigner(readFileSync(path, 'utf8'), args.name));
  print([
    `${args.name} is no longer in ${POLICY_FILE_NAME}.`,
    'What they signed before fails too, wherever it is judged again: valid-until would keep it good.',
  ]);
  return EXIT.good;
}

/** Writes a first policy: whoever runs it is in it, all others that the history knows stand beside it as comments. */
export async function policyInitCommand(env: NodeJS.ProcessEnv): Promise<ExitCode> {
  const path = fileHere(env);
  const found = await signersOfHistory(env);
  const own = ownAddress(env);
  const me = [...found.values()].find(({ signer }) => isOwn(signer, own));
  if (me === undefined) {
    throw new SignetError(
      'config',
      `No signature in this history is by ${own === '' ? 'you' : own}.`,
      'Sign a commit first, with the address that user.email names.',
    );
  }
  const others = [...found.values()].filter((one) => one !== me).toSorted((a, b) => b.count - a.count);
  const { instance } = me.signer;
  const text = [
    'version = 1',
    ...(PUBLIC_INSTANCES.includes(instance) ? [] : [`instance = ["${instance}"]  # not the public Sigstore`]),
    '',
    '[policy]',
    'editors = ["me"]',
    '',
    '[signers]',
    `${toLine('me', me.signer)}  # ${me.count} commits`,
    ...others.map(
      ({ signer, count }, place) => `# ${toLine(`signer-${place + 1}`, signer)}  # ${count} commits`,
    ),
    '',
  ].join('\n');
  writeFileSync(path, text, { flag: 'wx' });
  print([
    `Wrote ${POLICY_FILE_NAME}: you, and ${others.length} others as comments. Look through it, then commit it signed.`,
  ]);
  return EXIT.good;
}

interface Found {
  readonly signer: Signer;
  count: number;
}

/** Sound signatures only. */
async function signersOfHistory(env: NodeJS.ProcessEnv): Promise<ReadonlyMap<string, Found>> {
  const history = openHistory({ revs: ['HEAD'], all: false, tags: false, walk: true }, env);
  const { judge } = await openJudging(env, { offline: true, cache: true });
  const found = new Map<string, Found>();
  for await (const { verdict } of judge(history.objects)) {
    if (verdict.status !== 'good' && verdict.status !== 'untrusted') continue;
    const { subject, issuer } = verdict.signer.identity;
    const key = JSON.stringify([subject.type, subject.value, issuer]);
    const known = found.get(key);
    if (known === undefined) found.set(key, { signer: verdict.signer, count: 1 });
    else known.count += 1;
  }
  return found;
}

/** TOML's basic strings are JSON's, but for DEL, which no identity has. */
function toLine(name: string, { identity }: Signer): string {
  const { subject, issuer } = identity;
  const alias = Object.entries(ISSUER_ALIASES).find(([, url]) => url === issuer)?.[0] ?? issuer;
  return `${name} = { ${subject.type} = ${JSON.stringify(subject.value)}, issuer = ${JSON.stringify(alias)} }`;
}

function isOwn({ identity }: Signer, address: string): boolean {
  return identity.subject.type === 'email' && identity.subject.value === address;
}

function ownAddress(env: NodeJS.ProcessEnv): string {
  try {
    return runGit(['config', 'user.email'], env).trim();
  } catch {
    return '';
  }
}

function fileHere(env: NodeJS.ProcessEnv): string {
  return join(runGit(['rev-parse', '--show-toplevel'], env).replace(/\n$/, ''), POLICY_FILE_NAME);
}
