/** argv → one of git's two calls, or the full command line. It and sign.ts alone set the exit code. */
import { failClosed } from './cli/failClosed.ts';
import { runGpg } from './cli/gpg.ts';
import { isGpgCall } from './cli/gpgArgs.ts';

failClosed();
void main(process.argv.slice(2));

async function main(argv: readonly string[]): Promise<void> {
  if (isGpgCall(argv)) {
    const exitCode = await runGpg(argv, process.env);
    // All of its output is written by then, and waiting for the event loop to run dry costs a millisecond.
    if (exitCode !== undefined) process.exit(exitCode);
    await import('./sign.ts');
    return;
  }
  const { runCommandLine } = await import('./cli/commandLine.ts');
  process.exitCode = await runCommandLine(argv, process.env);
}
