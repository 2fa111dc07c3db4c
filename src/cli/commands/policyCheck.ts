/** `git-signet policy check`: what is wrong with a policy file, and what is doubtful. */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { runGit } from '../../adapters/git/runGit.ts';
import { parsePolicy } from '../../adapters/policy/parsePolicy.ts';
import { readFileBytes } from '../../adapters/readBytes.ts';
import { escapeForTerminal } from '../../adapters/terminal.ts';
import { counted } from '../../core/counted.ts';
import { isoTime } from '../../core/isoTime.ts';
import { MAX_POLICY_BYTES } from '../../core/limits.ts';
import { POLICY_FILE_NAME, type PolicyFile, type PolicyProblem } from '../../core/policyFile.ts';
import { EXIT, type ExitCode } from '../../errors.ts';
import { demandFile } from '../policyPlace.ts';
import { print, printJson } from '../print.ts';

export interface CheckArguments {
  readonly file?: string | undefined;
  readonly format: 'text' | 'json';
}

/** Lines that are shown of each kind: of a file that is no policy at all, every line is wrong. */
const SHOWN = 50;

export async function policyCheckCommand(env: NodeJS.ProcessEnv, args: CheckArguments): Promise<ExitCode> {
  const file = args.file ?? `${rootOf(env)}${POLICY_FILE_NAME}`;
  if (args.file === undefined) demandFile(file);
  // One byte more than may be: what is too large is said with a place, as everything else is.
  const { policy, problems, warnings } = parsePolicy(readFileBytes(file, MAX_POLICY_BYTES + (1 << 20)));
  const all =
    policy === undefined
      ? warnings
      : [
          ...warnings,
          ...comparedWithHead(policy, env),
          ...missingKeyFiles(policy, dirname(file)),
          ...pastEditors(policy),
        ];
  const exitCode = problems.length === 0 ? EXIT.good : EXIT.usage;
  if (args.format === 'json') {
    printJson({ schema: 'git-signet/policy-check/v1', file, problems, warnings: all });
    return exitCode;
  }
  print(toLines(file, problems, 'error').map(escapeForTerminal));
  print(toLines(file, all, 'warning').map(escapeForTerminal));
  if (policy !== undefined) {
    const { signers, rules, editors } = policy;
    print([
      `${escapeForTerminal(file)}: ${counted(signers.length, 'signer')}, ${counted(rules.length, 'rule')}; editors: ${editors.join(', ')}`,
    ]);
  }
  return exitCode;
}

function toLines(file: string, list: readonly PolicyProblem[], what: string): readonly string[] {
  const lines = list
    .slice(0, SHOWN)
    .map(({ line, column, message }) => `${file}:${line}:${column}: ${what}: ${message}`);
  return list.length > SHOWN ? [...lines, `${file}: ${list.length - SHOWN} more`] : lines;
}

/** Whoever is taken out was never listed, by the new file: their old commits fail where it is looked at again. */
function comparedWithHead(policy: PolicyFile, env: NodeJS.ProcessEnv): readonly PolicyProblem[] {
  const before = policyOfHead(env);
  const gone = (before?.signers ?? []).filter(({ name }) => policy.signers.every((one) => one.name !== name));
  return gone.map(({ name }) => ({
    line: 1,
    column: 1,
    message: `${name} of HEAD is gone: to keep what they signed good, set valid-until instead.`,
  }));
}

/** A key that cannot be read is nobody's: what it signed is refused. */
function missingKeyFiles({ signers }: PolicyFile, folder: string): readonly PolicyProblem[] {
  return signers.flatMap(({ name, identities }) =>
    identities.flatMap((one) =>
      one.type === 'openpgp' && !existsSync(join(folder, one.file))
        ? [
            {
              line: 1,
              column: 1,
              message: `The key file ${one.file} of ${name} is not there: nothing it signs counts.`,
            },
          ]
        : [],
    ),
  );
}

/** Whoever wants to change the policy has to sign before the end of their time. */
function pastEditors({ signers, editors }: PolicyFile): readonly PolicyProblem[] {
  const now = isoTime(new Date());
  const isOver = (name: string): boolean =>
    (signers.find((signer) => signer.name === name)?.identities ?? []).every(
      ({ validUntil }) => validUntil !== undefined && validUntil <= now,
    );
  const over = editors.filter(isOver);
  if (over.length < editors.length) return [];
  const message = `The time of every editor is over (${over.join(', ')}): nobody can change the policy.`;
  return [{ line: 1, column: 1, message }];
}

function policyOfHead(env: NodeJS.ProcessEnv): PolicyFile | undefined {
  try {
    return parsePolicy(Buffer.from(runGit(['cat-file', 'blob', `HEAD:${POLICY_FILE_NAME}`], env))).policy;
  } catch {
    return undefined;
  }
}

/** Of the work tree, with its final slash; empty outside of one. */
function rootOf(env: NodeJS.ProcessEnv): string {
  try {
    return `${runGit(['rev-parse', '--show-toplevel'], env).replace(/\n$/, '')}/`;
  } catch {
    return '';
  }
}
