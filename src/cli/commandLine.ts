/** The command line where git does not verify or sign: what a hook calls goes a short way, without all the commands. */
import { printCommandError } from './printCommandError.ts';

/** What a command needs to add itself: its handler hands `run` what returns an exit code, and never gets back. */
export interface CommandContext {
  readonly env: NodeJS.ProcessEnv;
  readonly argv: readonly string[];
  readonly run: (command: () => Promise<number>) => never;
}

/** Runs one command; returns its exit code. Never throws. */
export async function runCommandLine(argv: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  try {
    if (isHookCall(argv)) {
      const { preReceive } = await import('./preReceive.ts');
      return await preReceive(env);
    }
    const { runCommand } = await import('./allCommands.ts');
    return await runCommand(argv, env);
  } catch (error) {
    return printCommandError(error);
  }
}

/** Exactly these words: with any other word beside them it is for the full command line to refuse. */
function isHookCall([first, second, ...others]: readonly string[]): boolean {
  return first === 'hook' && second === 'pre-receive' && others.length === 0;
}
