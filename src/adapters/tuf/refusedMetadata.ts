/** Why a TUF repository is not believed, in words for the person. */
import { SignetError } from '../../errors.ts';
import type { Service } from '../http.ts';
import { printable } from '../quote.ts';
import { readRoles } from './metadata.ts';

/** `service-answer` for whatever the TUF client threw; `work` is what it had verified until then. */
export function believedFailure(service: Service, error: unknown, work: string): SignetError {
  const reason = reasonOf(error);
  const at = `The TUF repository at ${service.baseUrl.href}`;
  if (/expired/i.test(reason)) {
    const ended = readRoles(work).find(({ expires }) => expires.getTime() <= Date.now());
    const what =
      ended === undefined ? reason : `its ${ended.role} metadata ended on ${ended.expires.toISOString()}`;
    return new SignetError(
      'service-answer',
      `${at} is out of date: ${what}.`,
      'Nobody renewed it, somebody holds the newer one back, or the clock of this machine is wrong.',
      error,
    );
  }
  return new SignetError(
    'service-answer',
    `${at} is not believed: ${reason}.`,
    'Nothing was changed. If this stays so, ask whoever runs it; never begin anew with a root that it offers itself.',
    error,
  );
}

/** tuf-js wraps an error's text into another one's; its own names stay out of sight. */
function reasonOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  if (error instanceof SyntaxError || /SyntaxError|in JSON/.test(text))
    return 'it answers with something that is not JSON';
  const plain = text.replace(/^Unable to load (snapshot metadata|targets) error (\w*Error: )?/, '');
  return printable(plain.replace(/\.$/, ''), 200);
}
