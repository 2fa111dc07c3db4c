/** The process behind `git-signet login --hold`; nobody calls it by hand. */
import type { Argv } from 'yargs';
import { EXIT, type ExitCode } from '../../errors.ts';
import type { CommandContext } from '../commandLine.ts';

export function addHoldAgentCommand(parser: Argv, { env, run }: CommandContext): Argv {
  return parser.command(
    'hold-agent',
    false,
    (y) => y,
    () => run(() => holdAgent(env)),
  );
}

async function holdAgent(env: NodeJS.ProcessEnv): Promise<ExitCode> {
  const { runHold } = await import('../../adapters/keychain/holdAgent.ts');
  await runHold(env);
  return EXIT.good;
}
