/** `git-signet trust show`: which authorities and logs count here, for which time, and who says so. */
import { parseConfig } from '../../adapters/config.ts';
import { readSettings } from '../../adapters/settings.ts';
import { escapeForTerminal } from '../../adapters/terminal.ts';
import type { TrustChoice } from '../../adapters/trust/choice.ts';
import { replacesShipped } from '../../adapters/trust/chooseRoot.ts';
import { openTrust } from '../../adapters/trust/loadTrust.ts';
import { toWishes } from '../../adapters/trust/wishes.ts';
import { type CacheState, readState } from '../../adapters/tuf/cache.ts';
import { metadataFolder, type RoleState, readRoles } from '../../adapters/tuf/metadata.ts';
import { mirrorFolder, PUBLIC_MIRROR } from '../../adapters/tuf/mirrors.ts';
import { type Failure, hasEnded, lastFailure } from '../../adapters/tuf/refresh.ts';
import { isoTime } from '../../core/isoTime.ts';
import type { Period, Trust } from '../../core/trustedRoot.ts';
import { EXIT, type ExitCode } from '../../errors.ts';
import { colour, print, printJson, printTable, printText } from '../print.ts';

/** Where trust comes from. */
export type Source =
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'shipped' }
  | ({ readonly kind: 'tuf'; readonly folder: string } & Tuf);

interface Tuf {
  readonly state: CacheState;
  readonly ended: boolean;
  readonly roles: readonly RoleState[];
  readonly failure: Failure | undefined;
}

export async function trustShowCommand(
  env: NodeJS.ProcessEnv,
  args: { readonly format: 'text' | 'json' },
): Promise<ExitCode> {
  const { trust: choice } = parseConfig(readSettings(env));
  const trust = await openTrust(choice, env);
  const source = sourceOf(choice, env);
  const parts = toParts(trust);
  if (args.format === 'json') {
    const { digest, sandbox, replaced = [] } = trust;
    printJson({
      schema: 'git-signet/trust/v1',
      source,
      digest,
      sandbox,
      replaced,
      parts: parts.map(toPlain),
    });
    return EXIT.good;
  }
  printText([...describeSource(source), `SHA-256       ${trust.digest}${trust.sandbox ? ' [sandbox]' : ''}`]);
  printText((trust.replaced ?? []).map((line) => `Instead       ${escapeForTerminal(line)}`));
  print(['']);
  printTable(
    ['what', 'where', 'from', ...(parts.some(ends) ? ['until'] : [])],
    parts.map((part) => [
      part.what,
      escapeForTerminal(part.where),
      day(part.validFor.start),
      ...(ends(part) ? [day(part.validFor.end)] : []),
    ]),
  );
  return EXIT.good;
}

/** A line where trust that TUF brought has ended, for `git-signet status`. */
export function describeEnd(choice: TrustChoice, env: NodeJS.ProcessEnv): readonly string[] {
  const source = sourceOf(choice, env);
  if (source.kind !== 'tuf' || !source.ended) return [];
  const { mirror, expiresAt } = source.state;
  return [
    `Trust      that of ${escapeForTerminal(mirror)} ended on ${toTime(expiresAt)}: run git-signet trust update`,
  ];
}

/** Without throwing: what cannot be used was refused before. */
export function sourceOf(choice: TrustChoice, env: NodeJS.ProcessEnv): Source {
  if (choice.file !== undefined) return { kind: 'file', path: choice.file };
  const { mirror } = toWishes(choice);
  const folder = mirrorFolder(env, mirror ?? PUBLIC_MIRROR);
  const state = folder === undefined ? undefined : readState(folder);
  if (folder === undefined || state === undefined || (mirror === undefined && !replacesShipped(state)))
    return { kind: 'shipped' };
  const failure = lastFailure(folder);
  return {
    kind: 'tuf',
    folder,
    state,
    ended: hasEnded(state),
    roles: readRoles(metadataFolder(folder, state.initialRoot)),
    failure: failure !== undefined && failure.at > state.refreshedAt ? failure : undefined,
  };
}

function describeSource(source: Source): readonly string[] {
  switch (source.kind) {
    case 'file':
      return [`Trusted root  the file ${escapeForTerminal(source.path)}, by signet.trustedRoot`];
    case 'shipped':
      return [
        'Trusted root  of the public Sigstore, as shipped with git-signet',
        'Updated       never; git-signet trust update asks for a newer one',
      ];
    case 'tuf': {
      const { state, folder, ended, roles, failure } = source;
      const until = ended
        ? colour('red', `ended on ${toTime(state.expiresAt)}`)
        : `good until ${toTime(state.expiresAt)}`;
      return [
        `Trusted root  by TUF from ${escapeForTerminal(state.mirror)}`,
        `Updated       ${toTime(state.refreshedAt)}, ${until}`,
        ...(failure
          ? [`Failed        ${escapeForTerminal(`${toTime(failure.at)}: ${failure.message}`)}`]
          : []),
        ...roles.map(
          ({ role, version, expires }) =>
            `${role.padEnd(13)} version ${version}, ${expires.getTime() <= Date.now() ? 'ended on' : 'good until'} ${isoTime(expires)}`,
        ),
        `Began with    a root of SHA-256 ${state.initialRoot}`,
        `Kept in       ${escapeForTerminal(folder)}`,
      ];
    }
  }
}

interface Part {
  readonly what: string;
  readonly where: string;
  readonly validFor: Period;
}

function toParts({ certificateAuthorities, logs, ctLogs, timestampAuthorities }: Trust): readonly Part[] {
  return [
    ...certificateAuthorities.map(({ uri, validFor }) => ({
      what: 'certificate authority',
      where: uri,
      validFor,
    })),
    ...logs.map(({ baseUrl, validFor }) => ({ what: 'log', where: baseUrl, validFor })),
    ...ctLogs.map(({ baseUrl, validFor }) => ({ what: 'CT log', where: baseUrl, validFor })),
    ...timestampAuthorities.map(({ uri, validFor }) => ({
      what: 'timestamp authority',
      where: uri,
      validFor,
    })),
  ];
}

/** For people: seconds are enough. */
function toTime(time: string): string {
  return isoTime(new Date(time));
}

function toPlain({ what, where, validFor: { start, end } }: Part) {
  const time = (at: number) => (Number.isFinite(at) ? new Date(at).toISOString() : null);
  return { what, where, from: time(start), until: time(end) };
}

function ends({ validFor }: Part): boolean {
  return Number.isFinite(validFor.end);
}

function day(at: number): string {
  return Number.isFinite(at) ? new Date(at).toISOString().slice(0, 10) : '';
}
