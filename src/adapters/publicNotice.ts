/** Said once per instance, before the first login there: what signing makes public, and how to say no. */
import { createHash } from 'node:crypto';
import { existsSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Instance } from '../ports.ts';
import { makeFolder } from './makeFolder.ts';
import { stateFolder } from './stateFolder.ts';

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

/** A file of its own per instance. */
function markOf(env: NodeJS.ProcessEnv, { fulcioUrl, rekorUrl }: Instance): string {
  const digest = createHash('sha256').update(`${fulcioUrl}\n${rekorUrl}`).digest('hex');
  return join(stateFolder(env), `told-${digest.slice(0, 16)}`);
}
