/** `git-signet gate`: what the hook would say, for CI: before a pull request lands, and after a push. */
import { appendFileSync, writeFileSync } from 'node:fs';
import type { Argv } from 'yargs';
import { LANDINGS, type Landing } from '../../app/gate/judgeRequest.ts';
import type { ExitCode } from '../../errors.ts';
import type { CommandContext } from '../commandLine.ts';
import { type GateAnswer, judgeCall } from '../gateCall.ts';
import { print } from '../print.ts';
import { gateGithub, gateJson, gateJunit, gateSummary } from '../renderGateFormats.ts';

const FORMATS = ['text', 'json', 'junit', 'github'] as const;

export function addGateCommand(parser: Argv, { env, run }: CommandContext): Argv {
  const text = (describe: string) => ({ type: 'string', describe }) as const;
  return parser.command(
    'gate',
    'judge a pull request or a push in CI by the identity policy',
    (y) =>
      y
        .option('ref', text('full name of the ref that it lands on; from the CI where it says so'))
        .option('base', text('commit that the ref has'))
        .option('head', text('last commit of the request'))
        .option('as', { choices: LANDINGS, describe: 'how it will land (in a CI: merge)' } as const)
        .option(
          'policy-ref',
          text('where the policy is read from, freshly fetched: refs/remotes/origin/main'),
        )
        .option('format', { choices: FORMATS, default: 'text' } as const)
        .option('json-file', text('writes the report as JSON there, too'))
        .option('junit-file', text('writes the report as JUnit there, too')),
    (args) => run(() => gateCommand(env, args)),
  );
}

interface GateArguments {
  readonly ref?: string | undefined;
  readonly base?: string | undefined;
  readonly head?: string | undefined;
  readonly as?: Landing | undefined;
  readonly policyRef?: string | undefined;
  readonly format: (typeof FORMATS)[number];
  readonly jsonFile?: string | undefined;
  readonly junitFile?: string | undefined;
}

async function gateCommand(env: NodeJS.ProcessEnv, args: GateArguments): Promise<ExitCode> {
  const answer = await judgeCall(env, args);
  const { result, context } = answer;
  if (args.jsonFile !== undefined) writeFileSync(args.jsonFile, `${gateJson(result, context)}\n`);
  if (args.junitFile !== undefined) writeFileSync(args.junitFile, gateJunit(result));
  print(render(answer, args.format));
  if (args.format === 'github') writeSummary(env, answer);
  return context.exitCode;
}

function render({ result, context, lines }: GateAnswer, format: GateArguments['format']): readonly string[] {
  switch (format) {
    case 'text':
      return lines;
    case 'json':
      return [gateJson(result, context)];
    case 'junit':
      return [gateJunit(result).trimEnd()];
    case 'github':
      return gateGithub(result, lines);
  }
}

/** For the page of the run, where GitHub gives a file for it. */
export function writeSummary(env: NodeJS.ProcessEnv, { result, context }: GateAnswer): void {
  const path = env['GITHUB_STEP_SUMMARY'] ?? '';
  if (path !== '') appendFileSync(path, gateSummary(result, context.exitCode));
}
