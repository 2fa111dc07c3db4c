/** `git-signet sandbox mint`: signs as anybody, for tests and to try a policy; under the sandbox's authority only. */
import { rmSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Argv } from 'yargs';
import { escapeForTerminal } from '../../adapters/terminal.ts';
import { loadTrust } from '../../adapters/trust/loadTrust.ts';
import { isoTime } from '../../core/isoTime.ts';
import { toIssuer } from '../../core/policy/issuers.ts';
import type { San } from '../../core/verdict.ts';
import { EXIT, SignetError } from '../../errors.ts';
import type { RekorVersion } from '../../sandbox/gitConfig.ts';
import type { SandboxState } from '../../sandbox/lifecycle.ts';
import type { Minted, MintRequest } from '../../sandbox/mint.ts';
import { newFolder, pathsIn, writeMinted } from '../../sandbox/mintedFolder.ts';
import type { CommandContext } from '../commandLine.ts';
import { toSignerName } from '../gpgStatus.ts';
import { programFile } from '../ownName.ts';
import { print, printJson } from '../print.ts';
import { quoteForShell } from '../quoteForShell.ts';
import {
  commandOf,
  known,
  openFolder,
  REKOR_VERSION_OPTION,
  runInside,
  type SandboxArguments,
  stateDirOf,
} from './sandboxRun.ts';

interface MintArguments extends SandboxArguments {
  readonly san: string;
  readonly issuer: string;
  readonly ext: readonly string[] | undefined;
  readonly time: string | undefined;
  readonly out: string | undefined;
  readonly json: boolean;
  readonly rekorVersion: RekorVersion;
  readonly command: readonly string[];
}

export function addMintCommand<T extends SandboxArguments>(
  parser: Argv<T>,
  context: CommandContext,
): Argv<T> {
  const { env, run } = context;
  const withMint = parser.command(
    'mint [command..]',
    'make a certificate of anybody, and sign with it: sandbox mint ... -- git commit -S',
    (y) =>
      y
        .positional('command', {
          type: 'string',
          array: true,
          defaultDescription: 'what follows --',
          describe: 'run it, and forget the certificate',
        })
        .option('san', { ...TEXT, demandOption: true, describe: 'email:..., uri:... or username:...' })
        .option('issuer', { ...TEXT, demandOption: true, describe: 'URL, or a short name: github-actions' })
        .option('ext', {
          ...TEXT,
          array: true,
          nargs: 1,
          describe: 'N=TEXT: an extension 1.3.6.1.4.1.57264.1.N',
        })
        .option('time', { ...TEXT, describe: 'when it is signed, as in 2026-06-30T00:00:00Z [now]' })
        .option('out', { ...TEXT, describe: 'folder for the certificate, its key and a program that signs' })
        .option('json', { type: 'boolean', default: false, describe: 'print JSON' })
        .option('rekor-version', REKOR_VERSION_OPTION),
    (args) => run(() => mintCommand(env, { ...args, command: commandOf(args) })),
  );
  return addSignAsCommand(withMint, context);
}

const TEXT = { type: 'string', requiresArg: true } as const;

/** What the program in a minted folder runs, and in no help. */
function addSignAsCommand<T extends SandboxArguments>(
  parser: Argv<T>,
  { env, run }: CommandContext,
): Argv<T> {
  return parser.command(
    'sign-as <folder>',
    false,
    (y) =>
      y
        .positional('folder', { type: 'string', demandOption: true })
        .option('time', TEXT)
        .option('rekor-version', REKOR_VERSION_OPTION),
    (args) =>
      run(async () => {
        const { folder, time, rekorVersion } = args;
        const at = time === undefined ? undefined : readTime(time);
        const state = await known(stateDirOf(env, args));
        const { signAs } = await import('../mintedSigner.ts');
        return signAs({ folder, state, at, rekorVersion }, commandOf({ ...args, command: [] }));
      }),
  );
}

/** With a command the certificate lives as long as the command; else it stays in a folder. */
async function mintCommand(env: NodeJS.ProcessEnv, args: MintArguments): Promise<number> {
  const { time, command, out } = args;
  const at = time === undefined ? undefined : readTime(time);
  const request = {
    subject: readSan(args.san),
    issuer: readIssuer(args.issuer),
    extensions: readExtensions(args.ext ?? []),
    at: at ?? new Date(),
  };
  const stateDir = stateDirOf(env, args);
  const place = { stateDir, out, at, rekorVersion: args.rekorVersion };
  if (command.length === 0) {
    const state = await known(stateDir);
    const minted = await mintIn(stateDir, state, request);
    tell(minted, writeFolder(minted, place), args.json);
    return EXIT.good;
  }
  let folder: string | undefined;
  try {
    return await runInside(env, args, async (state) => {
      folder = writeFolder(await mintIn(stateDir, state, request), place);
      return pathsIn(folder).signer;
    });
  } finally {
    if (folder !== undefined && out === undefined) rmSync(folder, { recursive: true, force: true });
  }
}

async function mintIn(stateDir: string, state: SandboxState, request: MintRequest): Promise<Minted> {
  const [{ mint }, { loadInstance }] = await Promise.all([
    import('../../sandbox/mint.ts'),
    import('../../sandbox/instance.ts'),
  ]);
  const instance = loadInstance(stateDir);
  if (instance === undefined) throw new Error('a sandbox that is known has no instance');
  return mint(instance, loadTrust(state.trustedRootPath), request);
}

interface Place {
  readonly stateDir: string;
  readonly out: string | undefined;
  readonly at: Date | undefined;
  readonly rekorVersion: RekorVersion;
}

/** The folder with all that is needed to sign. */
function writeFolder(minted: Minted, place: Place): string {
  const folder = place.out === undefined ? newFolder(place.stateDir) : resolve(place.out);
  openFolder(folder);
  writeMinted(folder, minted, signerScript(folder, place));
  return folder;
}

/** For gpg.x509.program, which takes a program without any words. */
function signerScript(folder: string, { stateDir, at, rekorVersion }: Place): string {
  const self = [process.execPath, programFile()].map(quoteForShell).join(' ');
  const words = [
    ...['sandbox', 'sign-as', folder, '--state', stateDir, '--rekor-version', String(rekorVersion)],
    ...(at === undefined ? [] : ['--time', isoTime(at)]),
  ];
  return `#!/bin/sh
# Signs as somebody made up, in a sandbox. Verifies as git-signet does.
case " $* " in *" --verify "*) exec ${self} "$@" ;; esac
exec ${self} ${words.map(quoteForShell).join(' ')} -- "$@"
`;
}

function tell({ signer, notBefore, notAfter }: Minted, folder: string, json: boolean): void {
  const { subject, issuer } = signer.identity;
  const files = pathsIn(folder);
  if (json)
    printJson({
      ...{ sandbox: true, subject, issuer, claims: Object.fromEntries(signer.claims) },
      ...{ instance: signer.instance, fingerprint: signer.fingerprint },
      ...{ notBefore: isoTime(notBefore), notAfter: isoTime(notAfter), ...files },
    });
  else
    print([
      `Minted ${escapeForTerminal(toSignerName(signer, true))}.`,
      `  valid        from ${isoTime(notBefore)} to ${isoTime(notAfter)}`,
      `  instance     ${signer.instance}`,
      `  certificate  ${files.certificate}`,
      `  key          ${files.key}`,
      `To sign with it: git -c gpg.format=x509 -c gpg.x509.program=${quoteForShell(files.signer)} commit -S`,
    ]);
}

function readSan(text: string): San {
  const [, type, value] = /^(email|uri|username):(.+)$/s.exec(text) ?? [];
  if (value !== undefined) return { type: type as San['type'], value };
  throw new SignetError(
    'usage',
    `--san takes a type and a value, not ${JSON.stringify(text)}.`,
    'As in: --san email:alice@example.com, --san uri:https://…, --san username:alice',
  );
}

function readIssuer(text: string): string {
  const issuer = toIssuer(text);
  if (issuer !== undefined) return issuer;
  throw new SignetError(
    'usage',
    `--issuer takes a URL or a short name, not ${JSON.stringify(text)}.`,
    'As in: --issuer github-actions',
  );
}

/** 7 is no extension but the type of a user name's otherName. */
function readExtensions(texts: readonly string[]): ReadonlyMap<number, string> {
  const extensions = new Map<number, string>();
  for (const text of texts) {
    const [, digits = '', value = ''] = /^([1-9]\d{0,3})=(.*)$/s.exec(text) ?? [];
    const n = Number(digits);
    if (digits === '' || n === 7 || extensions.has(n))
      throw new SignetError(
        'usage',
        `--ext ${JSON.stringify(text)} is no number of Fulcio's extensions with a text, or given twice.`,
        'As in: --ext 11=https://github.com/acme/app (numbers: 1 to 6, and from 8 on)',
      );
    extensions.set(n, value);
  }
  return extensions;
}

/** By round trip, so that a 30th of February is none. */
function readTime(text: string): Date {
  const time = new Date(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(text) ? text : Number.NaN);
  if (!Number.isNaN(time.getTime()) && isoTime(time) === text) return time;
  throw new SignetError(
    'usage',
    `--time takes an instant in UTC, not ${JSON.stringify(text)}.`,
    'As in: --time 2026-06-30T00:00:00Z',
  );
}
