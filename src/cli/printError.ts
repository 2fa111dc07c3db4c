/** Errors as a person reads them: what happened, what to do. Never a stack unless it is a bug. */
import { escapeForTerminal } from '../adapters/terminal.ts';
import { writeAll } from '../adapters/writeBytes.ts';
import { EXIT, type ExitCode, isSignetError } from '../errors.ts';

/** Prints an error on standard error and returns the exit code it asks for. */
export function printError(error: unknown): ExitCode {
  if (isSignetError(error)) {
    printLines([error.message, error.hint].filter(Boolean));
    return error.exitCode;
  }
  const known = toSystemSentence(error);
  printLines(known ?? describeBug(error));
  return known ? EXIT.usage : EXIT.bug;
}

/** Prints lines on standard error, the first with our name, the others indented below it. */
export function printLines(lines: readonly string[]): void {
  const text = lines
    .map((line, i) => `${i === 0 ? 'git-signet: ' : '            '}${escapeForTerminal(line)}\n`)
    .join('');
  try {
    writeAll(2, text);
  } catch {
    // Nobody reads standard error any more; the exit code still says it.
  }
}

/** Files that are missing or unreadable, full disks and readers that have gone are the caller's business, not a bug. */
function toSystemSentence(error: unknown): readonly string[] | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  const call = 'syscall' in error ? error.syscall : undefined;
  if (call === 'write') return badNews(`The output cannot be written (${error.code}).`);
  if (call === 'read') return badNews(`The input cannot be read (${error.code}).`);
  if (!('path' in error)) return undefined;
  return badNews(
    `${error.path} cannot be read or written (${error.code}).`,
    'Check its name, and who may use it.',
  );
}

function describeBug(error: unknown): readonly string[] {
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return badNews(
    'This is a bug in git-signet; nothing was signed or judged good.',
    'Please report it with these lines:',
    ...stack.split('\n').slice(0, 8),
  );
}

/** By its name the build knows that these sentences are said rarely, and leaves them out of the hot file. */
export function badNews(...lines: readonly string[]): readonly string[] {
  return lines;
}

export function badWords(text: string): string {
  return text;
}
