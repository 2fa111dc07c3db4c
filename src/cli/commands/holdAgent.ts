/** The process behind `git-signet login --hold`; nobody calls it by hand. */
import { runHold } from '../../adapters/keychain/holdAgent.ts';
import { EXIT, type ExitCode } from '../../errors.ts';

export async function holdAgent(env: NodeJS.ProcessEnv): Promise<ExitCode> {
  await runHold(env);
  return EXIT.good;
}
