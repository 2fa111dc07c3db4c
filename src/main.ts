/** argv → one of git's two calls, or the full command line. The only place that sets the exit code. */
import { runGpg } from './cli/gpg.ts';
import { isGpgCall } from './cli/gpgArgs.ts';
import { printError } from './cli/printError.ts';
import { EXIT } from './errors.ts';

// Fail closed: whatever ends the process before a verdict is reached, ends it in failure.
process.exitCode = EXIT.bug;
process.on('uncaughtException', (error) => {
  printError(error);
  process.exit(EXIT.bug);
});

void main(process.argv.slice(2));

async function main(argv: readonly string[]): Promise<void> {
  // All of its output is written by then, and waiting for the event loop to run dry costs a millisecond.
  if (isGpgCall(argv)) process.exit(await runGpg(argv, process.env));
  const { runCommandLine } = await import('./cli/commandLine.ts');
  process.exitCode = await runCommandLine(argv, process.env);
}
