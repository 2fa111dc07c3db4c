/** `git-signet policy add` and `remove`: the file of this work tree. Nothing is committed. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runGit } from '../../adapters/git/runGit.ts';
import { addSigner, removeSigner } from '../../adapters/policy/editPolicy.ts';
import { replaceFile } from '../../adapters/replaceFile.ts';
import { isName, NAME_RULE } from '../../core/policy/readSigners.ts';
import { POLICY_FILE_NAME } from '../../core/policyFile.ts';
import { EXIT, type ExitCode, SignetError } from '../../errors.ts';
import { demandFile } from '../policyPlace.ts';
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
  demandFile(path);
  replaceFile(path, addSigner(readFileSync(path, 'utf8'), name, Object.fromEntries(given)));
  print([`${name} is in ${POLICY_FILE_NAME}; it counts once an editor has signed and pushed that.`]);
  return EXIT.good;
}

export async function policyRemoveCommand(
  env: NodeJS.ProcessEnv,
  args: { readonly name: string },
): Promise<ExitCode> {
  const path = fileHere(env);
  demandFile(path);
  replaceFile(path, removeSigner(readFileSync(path, 'utf8'), args.name));
  print([
    `${args.name} is no longer in ${POLICY_FILE_NAME}.`,
    'What they signed before fails too, wherever it is judged again: valid-until would keep it good.',
  ]);
  return EXIT.good;
}

/** The policy file of this work tree. */
export function fileHere(env: NodeJS.ProcessEnv): string {
  return join(runGit(['rev-parse', '--show-toplevel'], env).replace(/\n$/, ''), POLICY_FILE_NAME);
}
