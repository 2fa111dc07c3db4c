/** argv → one of git's two calls, or the full command line. It and sign.ts alone set the exit code. */
import { failClosed } from './cli/failClosed.ts';
import { runGpg } from './cli/gpg.ts';

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

/**
 * Whether this is a gpgsm-like call at all: it starts with an option, and not with one that asks for words.
 * Everything else is the full command line's business.
 */
function isGpgCall(argv: readonly string[]): boolean {
  const first = argv[0];
  return first?.startsWith('-') === true && !['-h', '--help', '--version', '--'].includes(first);
}
