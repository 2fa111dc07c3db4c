/** `git-signet gate`: what the hook would say, for CI: before a pull request lands, and after a push. */
import { appendFileSync } from 'node:fs';
import type { Argv } from 'yargs';
import { checkRefName, GATE_SETTINGS } from '../../adapters/gate/gateSettings.ts';
import { runGit } from '../../adapters/git/runGit.ts';
import { judgeRequest, LANDINGS, type Landing } from '../../app/gate/judgeRequest.ts';
import { type ExitCode, SignetError } from '../../errors.ts';
import type { CommandContext } from '../commandLine.ts';
import { openGating } from '../gating.ts';
import { onServer } from '../policyPlace.ts';
import { print } from '../print.ts';
import { gateExitCode, renderReport } from '../renderGate.ts';
import { gateGithub, gateJson, gateJunit, gateSummary } from '../renderGateFormats.ts';

const FORMATS = ['text', 'json', 'junit', 'github'] as const;

export function addGateCommand(parser: Argv, { env, run }: CommandContext): Argv {
  const text = (describe: string) => ({ type: 'string', describe, demandOption: true }) as const;
  return parser.command(
    'gate',
    'judge a pull request or a push in CI by the identity policy',
    (y) =>
      y
        .option('ref', text('full name of the ref that it lands on: refs/heads/main'))
        .option('base', text('commit that the ref has'))
        .option('head', text('last commit of the request'))
        .option('as', { choices: LANDINGS, demandOption: true, describe: 'how it will land' } as const)
        .option('policy-ref', {
          type: 'string',
          describe: 'where the policy is read from, freshly fetched: refs/remotes/origin/main',
        })
        .option('format', { choices: FORMATS, default: 'text' } as const),
    (args) => run(() => gateCommand(env, args)),
  );
}

interface GateArguments {
  readonly ref: string;
  readonly base: string;
  readonly head: string;
  readonly as: Landing;
  readonly policyRef?: string | undefined;
  readonly format: (typeof FORMATS)[number];
}

export async function gateCommand(env: NodeJS.ProcessEnv, args: GateArguments): Promise<ExitCode> {
  const { ref, as, policyRef, format } = args;
  if (!/^refs\/[^\s]+$/.test(ref)) {
    throw new SignetError(
      'usage',
      `${JSON.stringify(ref)} is no full name of a ref.`,
      'Write refs/heads/main.',
    );
  }
  if (policyRef !== undefined) checkRefName(GATE_SETTINGS.policyRef, policyRef);
  const { gate, policy, close } = await openGating(env, { policyRef });
  if ('unborn' in policy) {
    throw new SignetError(
      'config',
      `There is no ${policy.unborn} to read the policy from.`,
      'Fetch it first.',
    );
  }
  const base = toOid(args.base, env);
  const head = toOid(args.head, env);
  const landing = policy.ref === undefined ? undefined : onServer(policy.ref);
  const open = { ...gate, policy: landing === undefined ? policy : { ...policy, ref: landing } };
  const result = await judgeRequest({ ref, base, head, as }, open).finally(close);
  const exitCode = gateExitCode([result]);
  const report = renderReport([result], { prefix: '', policyCommit: policy.commit });
  const lines =
    report.length > 0 ? report : [`git-signet: ${result.findings.length} judged, all accepted on ${ref}.`];
  const context = { exitCode, policyRef: policy.ref, policyCommit: policy.commit, as };
  switch (format) {
    case 'text':
      print(lines);
      break;
    case 'json':
      print([gateJson(result, context)]);
      break;
    case 'junit':
      print([gateJunit(result).trimEnd()]);
      break;
    case 'github': {
      print(gateGithub(result, lines));
      const summary = env['GITHUB_STEP_SUMMARY'] ?? '';
      if (summary !== '') appendFileSync(summary, gateSummary(result, exitCode));
      break;
    }
  }
  return exitCode;
}

function toOid(rev: string, env: NodeJS.ProcessEnv): string {
  if (rev.startsWith('-') || /[\s\0]/.test(rev)) {
    throw new SignetError('usage', `${JSON.stringify(rev)} is no commit.`, 'Name it by its full id.');
  }
  return runGit(['rev-parse', '--verify', '--quiet', `${rev}^{commit}`], env).trim();
}
