/** How others shall start this program again. */
import { resolve } from 'node:path';
import { findProgram } from '../adapters/findProgram.ts';

/** What git shall call: our name where PATH leads to a program of it, else our own file. */
export function ownName(env: NodeJS.ProcessEnv): string {
  return findProgram('git-signet', env) === undefined ? programFile() : 'git-signet';
}

/** Absolute path of the file that this process was started with. */
export function programFile(): string {
  return resolve(process.argv[1] ?? '');
}
