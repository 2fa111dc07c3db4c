/** `git-signet trust init`: the root that somebody hands over is what everything from that mirror hangs on. */
import { runGit } from '../../adapters/git/runGit.ts';
import { readSettings } from '../../adapters/settings.ts';
import { escapeForTerminal } from '../../adapters/terminal.ts';
import { parseTrustChoice } from '../../adapters/trust/choice.ts';
import { toWishes } from '../../adapters/trust/wishes.ts';
import { type InitialRoot, isUrl, readInitialRoot } from '../../adapters/tuf/initialRoot.ts';
import { PUBLIC_MIRROR, toMirror } from '../../adapters/tuf/mirrors.ts';
import { embeddedRoot, placeOf } from '../../adapters/tuf/refresh.ts';
import { TUF_PATIENCE } from '../../core/limits.ts';
import { EXIT, type ExitCode, SignetError } from '../../errors.ts';
import { isConfirmed } from '../confirm.ts';
import { print } from '../print.ts';
import { describeUpdate } from './trust.ts';

interface TrustInitArguments {
  readonly mirror?: string | undefined;
  readonly root?: string | undefined;
  readonly 'root-sha256'?: string | undefined;
  readonly global?: boolean | undefined;
  readonly local?: boolean | undefined;
}

export async function trustInitCommand(env: NodeJS.ProcessEnv, args: TrustInitArguments): Promise<ExitCode> {
  const { signal } = new AbortController();
  const mirror = parseMirror(args.mirror ?? env['TUF_MIRROR'] ?? PUBLIC_MIRROR);
  const initialRoot = await chooseRoot(mirror, args, env);
  const { updateTrust } = await import('../../adapters/tuf/update.ts');
  const place = placeOf(mirror, env);
  const state = await updateTrust({ ...place, env, initialRoot, patience: TUF_PATIENCE, signal });
  const setting = ['signet.trustMirror', mirror] as const;
  const scope = args.global ? '--global' : args.local ? '--local' : undefined;
  if (scope !== undefined) runGit(['config', scope, ...setting], env);
  const line = `git config ${scope ?? '--global'} ${setting.join(' ')}`;
  print([
    ...describeUpdate(state),
    `Kept in       ${escapeForTerminal(place.folder)}`,
    '',
    ...(scope === undefined ? howToUse(mirror, line, env) : [escapeForTerminal(line)]),
  ]);
  return EXIT.good;
}

function howToUse(mirror: string, line: string, env: NodeJS.ProcessEnv): readonly string[] {
  const used = toWishes(parseTrustChoice(readSettings(env))).mirror ?? PUBLIC_MIRROR;
  if (used === mirror) return ['It is used here.'];
  return [`Not used here yet. To verify with it, and to sign with its services: ${escapeForTerminal(line)}`];
}

/** What comes from there is signed, so plain http is as good as https. */
function parseMirror(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const right =
    url && /^https?:$/.test(url.protocol) && !url.username && !url.password && !url.search && !url.hash;
  if (right) return toMirror(url.href);
  throw new SignetError(
    'usage',
    'The mirror is no http or https URL without user name, password, query and fragment.',
    'Give it as in https://tuf.example.com',
  );
}

async function chooseRoot(
  mirror: string,
  args: TrustInitArguments,
  env: NodeJS.ProcessEnv,
): Promise<{ readonly digest: string; readonly bytes: Uint8Array }> {
  const source = args.root ?? (env['TUF_ROOT_JSON'] || undefined);
  if (source === undefined && mirror === PUBLIC_MIRROR) return embeddedRoot();
  if (source === undefined) {
    throw new SignetError(
      'usage',
      `What ${mirror} signs means nothing without the root that its owner gave you.`,
      'Add --root FILE, or --root URL and --root-sha256.',
    );
  }
  const root = await readInitialRoot(source, new AbortController().signal);
  const expected = args['root-sha256']?.toLowerCase();
  if (expected !== undefined && expected !== root.digest) {
    throw new SignetError(
      'config',
      `The root ${source} has the SHA-256 ${root.digest}, not the one that was asked for.`,
      'Do not use it: ask its owner for the right one.',
    );
  }
  if (expected === undefined && isUrl(source)) await confirm(source, root, env);
  return root;
}

/** Whoever can change an answer could hand over a root of their own: a person has to compare. */
async function confirm(source: string, root: InitialRoot, env: NodeJS.ProcessEnv): Promise<void> {
  const lines = describeRoot(source, root).map(escapeForTerminal);
  const question = 'Is this the SHA-256 that its owner gave you? Type yes to trust it:';
  if (await isConfirmed(lines, question, env)) return;
  throw new SignetError(
    'config',
    `Nobody confirmed the root from ${source}.`,
    `If its owner gave you this SHA-256, add --root-sha256 ${root.digest}`,
  );
}

function describeRoot(source: string, root: InitialRoot): readonly string[] {
  return [
    `Root     ${source}`,
    `SHA-256  ${root.digest}`,
    `Says     version ${root.version}, good until ${root.expires}, signed by ${root.threshold} of ${root.keys} keys`,
  ];
}
