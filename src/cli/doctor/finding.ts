/** What `git-signet doctor` finds: one line each, with what to do where something is to be done. */
import type { Settings } from '../../adapters/settings.ts';
import type { LoadedTrust } from '../../adapters/trust/loadTrust.ts';
import { EXIT, type ExitCode, isSignetError } from '../../errors.ts';

export interface Finding {
  /** What was looked at, as docs/troubleshooting.md has it. */
  readonly what: string;
  readonly level: 'ok' | 'warn' | 'wrong';
  /** May hold text from strangers: escape before printing. */
  readonly text: string;
  /** What to do, mostly a command; empty for `ok`. */
  readonly remedy: string;
  /** What the program ends with because of it: 0 unless it is wrong. */
  readonly exitCode: ExitCode;
}

/** What all examinations know. */
export interface Examined {
  readonly env: NodeJS.ProcessEnv;
  /** Services may be asked. */
  readonly online: boolean;
  /** What the current folder is in. */
  readonly place: 'nothing' | 'work tree' | 'bare repository';
  /** Output of git without its final newline; undefined where git ends with an error, as for what is not set. */
  readonly git: (...args: readonly string[]) => string | undefined;
  /** Undefined where they cannot be read, which is said once. */
  readonly settings: Settings | undefined;
  readonly trust: LoadedTrust | undefined;
}

export function ok(what: string, text: string): Finding {
  return { what, level: 'ok', text, remedy: '', exitCode: EXIT.good };
}

export function warn(what: string, text: string, remedy: string): Finding {
  return { what, level: 'warn', text, remedy, exitCode: EXIT.good };
}

export function wrong(what: string, text: string, remedy: string, exitCode: ExitCode = EXIT.usage): Finding {
  return { what, level: 'wrong', text, remedy, exitCode };
}

/** Looks, and takes an error that is meant for people for what was found. */
export async function examine(
  what: string,
  look: () => readonly Finding[] | Promise<readonly Finding[]>,
): Promise<readonly Finding[]> {
  try {
    return await look();
  } catch (error) {
    if (!isSignetError(error) || error.exitCode === EXIT.bug) throw error;
    return [wrong(what, error.message, error.hint, error.exitCode)];
  }
}
