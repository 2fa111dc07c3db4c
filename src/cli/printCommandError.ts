/** Errors of commands, which people call: in lines that fit their terminal. */
import { EXIT, type ExitCode, isSignetError } from '../errors.ts';
import { printError, printLines } from './printError.ts';
import { terminalWidth, wrapLines } from './wrap.ts';

/** The name before the first line. */
const INDENT = 'git-signet: '.length;

/** Prints it on standard error as `printError` does, and returns the exit code it asks for. */
export function printCommandError(error: unknown): ExitCode {
  if (isNobodyReading(error)) return EXIT.usage;
  const width = terminalWidth(process.stderr);
  if (width === undefined || !isSignetError(error)) return printError(error);
  const { message, hint, exitCode } = error;
  printLines([message, hint].filter(Boolean).flatMap((text) => wrapLines(text, 0, width - INDENT)));
  return exitCode;
}

/** `git-signet verify | head -1` has read what it wanted: other programs end by SIGPIPE there, and say nothing. */
function isNobodyReading(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error && error.message.startsWith('EPIPE');
}
