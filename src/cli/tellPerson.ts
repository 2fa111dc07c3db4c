/** Says an error where the person can see it. Loaded only when signing failed. */
import { isatty } from 'node:tty';
import { gitSwallowsErrors } from '../adapters/git/swallowsErrors.ts';
import { escapeForTerminal, openTerminal } from '../adapters/terminal.ts';
import { isSignetError } from '../errors.ts';

/** On the terminal device, where standard error is captured by a git that hides it. */
export function tellPerson(error: unknown, env: NodeJS.ProcessEnv): void {
  if (isatty(2) || !isSignetError(error) || !gitSwallowsErrors(env)) return;
  const terminal = openTerminal(env);
  terminal?.writeLine(`git-signet: ${escapeForTerminal(error.message)}`);
  if (error.hint !== '') terminal?.writeLine(`            ${escapeForTerminal(error.hint)}`);
  terminal?.close();
}
