/** Said once per instance, before the first login there: what signing makes public, and how to say no. */
import { createHash } from 'node:crypto';
import { existsSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, isAbsolute, join } from 'node:path';
import { makeFolder } from '../adapters/makeFolder.ts';
import type { Instance } from '../ports.ts';

/** The lines to show, or none where they were shown before. */
export function noticeBeforeLogin(env: NodeJS.ProcessEnv, instance: Instance): readonly string[] {
  if (existsSync(markOf(env, instance))) return [];
  return [
    `First login here. Your e-mail address will stand in each certificate and in the public log ${instance.rekorUrl}, for ever and for everybody.`,
    'If you do not want that, do not log in: close the page or press Ctrl-C, and nothing is published.',
  ];
}

/** Remembers that somebody went on after the notice. Where nothing can be written it is said again. */
export function rememberNotice(env: NodeJS.ProcessEnv, instance: Instance): void {
  const mark = markOf(env, instance);
  try {
    makeFolder(dirname(mark), 0o700);
    writeFileSync(mark, '', { mode: 0o600 });
  } catch {
    // said again next time
  }
}

/** A file of its own per instance, in the person's state folder (XDG Base Directory Specification). */
function markOf(env: NodeJS.ProcessEnv, { fulcioUrl, rekorUrl }: Instance): string {
  const state = env['XDG_STATE_HOME'] ?? '';
  const base = isAbsolute(state) ? state : join(homedir(), '.local', 'state');
  const digest = createHash('sha256').update(`${fulcioUrl}\n${rekorUrl}`).digest('hex');
  return join(base, 'git-signet', `told-${digest.slice(0, 16)}`);
}
