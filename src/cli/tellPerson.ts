/** Says what went wrong, or may, where the person can see it. Loaded only when there is something to say. */
import { isatty } from 'node:tty';
import { gitSwallowsErrors } from '../adapters/git/swallowsErrors.ts';
import { escapeForTerminal, openTerminal } from '../adapters/terminal.ts';
import { isSignetError } from '../errors.ts';
import { printLines } from './printError.ts';

/** On the terminal device, where standard error is captured by a git that hides it. */
export function tellPerson(error: unknown, env: NodeJS.ProcessEnv): void {
  if (isatty(2) || !isSignetError(error) || !gitSwallowsErrors(env)) return;
  const terminal = openTerminal(env);
  terminal?.writeLine(`git-signet: ${escapeForTerminal(error.message)}`);
  if (error.hint !== '') terminal?.writeLine(`            ${escapeForTerminal(error.hint)}`);
  terminal?.close();
}

/** On standard error, which git throws away when all went well, and so on the terminal device too. */
export function tellWarnings(warnings: readonly string[], env: NodeJS.ProcessEnv): void {
  tell(
    warnings.map((warning) => `Warning: ${warning}`),
    env,
  );
}

/** In the same places. */
export function tellNotes(notes: readonly string[], env: NodeJS.ProcessEnv): void {
  tell(
    notes.map((note) => `Note: ${note}`),
    env,
  );
}

function tell(lines: readonly string[], env: NodeJS.ProcessEnv): void {
  for (const line of lines) printLines([line]);
  if (!isatty(2)) tellOnTerminal(lines, env);
}

/** On the terminal device alone: of no interest to whoever reads the error of a failed call. */
export function tellOnTerminal(lines: readonly string[], env: NodeJS.ProcessEnv): void {
  const terminal = openTerminal(env);
  for (const line of lines) terminal?.writeLine(`git-signet: ${escapeForTerminal(line)}`);
  terminal?.close();
}
