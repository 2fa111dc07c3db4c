/** What verdicts hang on: the trusted root, who brought it, and for how long. */
import { parseTrustChoice } from '../../adapters/trust/choice.ts';
import type { LoadedTrust } from '../../adapters/trust/loadTrust.ts';
import { isoTime } from '../../core/isoTime.ts';
import { isWithin } from '../../core/trustedRoot.ts';
import { sourceOf } from '../commands/trustShow.ts';
import { type Examined, type Finding, ok, warn } from './finding.ts';

export function examineTrust({ settings, trust, env }: Examined): readonly Finding[] {
  if (settings === undefined || trust === undefined) return [];
  const source = sourceOf(parseTrustChoice(settings), env);
  const doubts = [...doubtsAbout(trust)];
  if (source.kind === 'tuf' && source.failure !== undefined)
    doubts.push(
      warn('trust', `The last update failed at ${source.failure.at}: ${source.failure.message}`, UPDATE),
    );
  if (source.kind === 'tuf' && source.ended)
    doubts.push(warn('trust', `What TUF brought ended on ${source.state.expiresAt}.`, UPDATE));
  return doubts.length > 0 ? doubts : [ok('trust', describe(source))];
}

const UPDATE = 'Run git-signet trust update';

function doubtsAbout({
  sandbox,
  replaced = [],
  certificateAuthorities,
  logs,
}: LoadedTrust): readonly Finding[] {
  const now = Date.now();
  const isOver = ![certificateAuthorities, logs].every((all) =>
    all.some(({ validFor }) => isWithin(validFor, now)),
  );
  return [
    ...(sandbox
      ? [
          warn(
            'trust',
            'The trusted root is that of a sandbox, a toy: whoever runs it can be anybody.',
            'Where that is not meant: git config --unset signet.trustedRoot',
          ),
        ]
      : []),
    ...replaced.map((text) => warn('trust', text, 'See git-signet trust show')),
    ...(isOver ? [warn('trust', 'It has no authority or no log that is valid today.', UPDATE)] : []),
  ];
}

function describe(source: ReturnType<typeof sourceOf>): string {
  switch (source.kind) {
    case 'file':
      return `the file ${source.path}`;
    case 'shipped':
      return 'of the public Sigstore, as shipped with git-signet';
    case 'tuf': {
      const { mirror, refreshedAt, expiresAt } = source.state;
      const [updated, until] = [refreshedAt, expiresAt].map((time) => isoTime(new Date(time)));
      return `by TUF from ${mirror}, updated ${updated}, good until ${until}`;
    }
  }
}
