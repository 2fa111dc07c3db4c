/** Said once per instance, before the first login there: what signing makes public, and how to say no; or that nothing is. */
import { createHash } from 'node:crypto';
import { existsSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Trust } from '../core/trustedRoot.ts';
import type { Instance } from '../ports.ts';
import { isLoopback } from './loopback.ts';
import { makeFolder } from './makeFolder.ts';
import { stateFolder } from './stateFolder.ts';

/** Where somebody logs in, and by which trusted root its answers are judged. */
interface LoginPlace {
  readonly env: NodeJS.ProcessEnv;
  readonly instance: Pick<Instance, 'fulcioUrl' | 'rekorUrl'>;
  readonly trust: Pick<Trust, 'sandbox'>;
}

/** The lines to show, or none where they were shown before. */
export function noticeBeforeLogin(place: LoginPlace): readonly string[] {
  if (existsSync(markOf(place))) return [];
  const { rekorUrl } = place.instance;
  if (staysHere(place)) {
    return [
      `First login here, at a sandbox on this machine. Whatever address you type will stand in each certificate and in the sandbox's log ${rekorUrl}; nothing becomes public.`,
    ];
  }
  return [
    `First login here. Your e-mail address will stand in each certificate and in the public log ${rekorUrl}, for ever and for everybody.`,
    'If you do not want that, do not log in: close the page or press Ctrl-C, and nothing is published.',
  ];
}

/** Remembers that somebody went on after the notice. Where nothing can be written it is said again. */
export function rememberNotice(place: LoginPlace): void {
  const mark = markOf(place);
  try {
    makeFolder(dirname(mark), 0o700);
    writeFileSync(mark, '', { mode: 0o600 });
  } catch {
    // said again next time
  }
}

/** A file of its own per instance, and per notice: what a sandbox said is not what a log behind the same port has to say. */
function markOf(place: LoginPlace): string {
  const { fulcioUrl, rekorUrl } = place.instance;
  const said = `${fulcioUrl}\n${rekorUrl}${staysHere(place) ? '\nsandbox' : ''}`;
  const digest = createHash('sha256').update(said).digest('hex');
  return join(stateFolder(place.env), `told-${digest.slice(0, 16)}`);
}

/** A tunnel to a public log can begin on loopback: the trusted root has to be a sandbox's too. */
function staysHere({ instance, trust }: LoginPlace): boolean {
  const services = [instance.fulcioUrl, instance.rekorUrl];
  return trust.sandbox && services.every((url) => isLoopback(new URL(url).hostname));
}
