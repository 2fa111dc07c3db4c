/** `git-signet bundle`: a signature in the form that other Sigstore programs verify. */
import type { Argv } from 'yargs';
import { openHistory } from '../../adapters/git/history.ts';
import { escapeForTerminal } from '../../adapters/terminal.ts';
import { checkPlaces, writeTogether } from '../../adapters/writeTogether.ts';
import { makeBundle } from '../../app/bundle.ts';
import { outcomeOf } from '../../app/outcome.ts';
import type { Judged } from '../../app/verifyObjects.ts';
import { encodeBundle } from '../../core/bundle.ts';
import { isoTime } from '../../core/isoTime.ts';
import type { Identity, Verdict } from '../../core/verdict.ts';
import { EXIT, type ExitCode } from '../../errors.ts';
import type { CommandContext } from '../commandLine.ts';
import { toSignerName } from '../gpgStatus.ts';
import { openJudging } from '../judging.ts';
import { print } from '../print.ts';
import { printLines } from '../printError.ts';
import { quoteForShell } from '../quoteForShell.ts';
import { hangText } from '../wrap.ts';
import { bundleVerifyCommand, theOne } from './bundleVerify.ts';
import { IDENTITY_OPTIONS, VERIFY_OPTIONS } from './verifyFlags.ts';

export function addBundleCommand(parser: Argv, context: CommandContext): Argv {
  const { env, run } = context;
  return parser.command(
    'bundle <rev>',
    'write a signature as a Sigstore bundle, for cosign and others',
    (y) =>
      addVerify(y, context)
        .positional('rev', { type: 'string', describe: 'HEAD, v1' })
        .option('output', {
          type: 'string',
          requiresArg: true,
          global: false,
          describe: 'write NAME.sigstore.json and NAME.artifact (default: the first 12 digits of the id)',
        })
        .option('offline', {
          type: 'boolean',
          default: false,
          global: false,
          describe: 'do not ask the log for an entry that the signature does not carry',
        })
        .option('force', {
          type: 'boolean',
          default: false,
          global: false,
          describe: 'replace files of these names',
        }),
    (args) => run(() => bundleCommand(env, { ...args, rev: args.rev ?? '' })),
  );
}

function addVerify(parser: Argv, { env, run }: CommandContext): Argv {
  return parser.command(
    'verify <bundle> <artifact> [rev]',
    'judge an object by a bundle in the place of what it carries itself',
    (y) =>
      y
        .positional('bundle', { type: 'string', demandOption: true, describe: 'NAME.sigstore.json' })
        .positional('artifact', { type: 'string', demandOption: true, describe: 'NAME.artifact' })
        .positional('rev', { type: 'string', default: 'HEAD', describe: 'the object that it must be of' })
        .option('format', VERIFY_OPTIONS.format)
        .options(IDENTITY_OPTIONS)
        .group(Object.keys(IDENTITY_OPTIONS), 'Who must have signed (then signet.allow does not count):'),
    (args) => run(() => bundleVerifyCommand(env, args)),
  );
}

interface BundleArguments {
  readonly rev: string;
  readonly output?: string | undefined;
  readonly offline: boolean;
  readonly force: boolean;
}

/** Writes both files, or neither and says why. The exit code says that they were written, not that a policy allows it. */
async function bundleCommand(env: NodeJS.ProcessEnv, args: BundleArguments): Promise<ExitCode> {
  const { rev, offline, force } = args;
  const history = openHistory({ revs: [rev], all: false, tags: false }, env);
  if (args.output !== undefined) checkPlaces(pathsOf(args.output), force);
  const judging = await openJudging(env, { offline, cache: false });
  const judged = await theOne(history, judging.judge.bind(judging), rev);
  const { object, verdict, evidence } = judged;
  if (verdict.status !== 'good' && verdict.status !== 'untrusted') {
    printLines([`No bundle was written: ${verdict.reason}.`, ...advice(judged, offline)]);
    return outcomeOf(judged, judging.deciding).exitCode;
  }
  const bundled = makeBundle(object, verdict.proof, judging.trust, evidence);
  const name = args.output ?? object.oid.slice(0, 12);
  const [bundlePath, artifactPath] = pathsOf(name);
  const files = [
    { path: bundlePath, content: encodeBundle(bundled.bundle) },
    { path: artifactPath, content: bundled.artifact },
  ];
  writeTogether(files, force);
  const lines = [
    `Wrote ${bundlePath} and ${artifactPath}, of ${object.kind} ${object.oid}`,
    ARTIFACT[bundled.form],
    ...signerLines(verdict, judging.trust.sandbox),
    ...(judging.trust.replaced ?? []),
    ...commandLines(verdict.signer.identity, name),
    'These know nothing of git. That the bundle is of this very object, git-signet says:',
    `  git-signet bundle verify ${quoteForShell(bundlePath)} ${quoteForShell(artifactPath)} ${object.oid}`,
  ];
  // Commands begin with spaces, and stay whole.
  print(lines.map(escapeForTerminal).map((line) => (line.startsWith('  ') ? line : hangText(line))));
  return EXIT.good;
}

/** What the artifact is. */
const ARTIFACT = {
  object: "The artifact is what the object's signature is over: attributes that name its digest.",
  online: "The artifact is the object's SHA-1 name, over which gitsign's online mode signs a second time.",
} as const;

function pathsOf(name: string): readonly [bundle: string, artifact: string] {
  return [`${name}.sigstore.json`, `${name}.artifact`];
}

function advice({ verdict, unasked, object }: Judged, offline: boolean): readonly string[] {
  if (unasked !== undefined) return [`A source could not be asked: ${unasked.message}`];
  if (verdict.status === 'unreadable') return ['Only a keyless signature of a commit or tag can become one.'];
  if (verdict.status === 'unproven' && offline) {
    return ['Run it without --offline, or find and keep the proof before: git-signet prove'];
  }
  if (verdict.status === 'unproven')
    return ['If the log gets its entry later, this finds and keeps it: git-signet prove'];
  return [`To see every check: git-signet verify ${object.oid}`];
}

type Sound = Extract<Verdict, { status: 'good' | 'untrusted' }>;

function signerLines(verdict: Sound, sandbox: boolean): readonly string[] {
  const when = isoTime(verdict.signedAt).replace('T', ' ').replace('Z', ' UTC');
  return [
    `Signed ${when} by ${toSignerName(verdict.signer, sandbox)}`,
    ...(verdict.status === 'untrusted' ? [`NOT ALLOWED here: ${verdict.reason}.`] : []),
  ];
}

/** Commands to copy, unless a stranger's characters could make other commands of them. */
export function commandLines({ subject, issuer }: Identity, name: string): readonly string[] {
  const [bundle, artifact] = pathsOf(name).map(quoteForShell);
  const isPlain = [subject.value, issuer].every((text) => /^[\w@+:/.][\w.@+:/ -]*$/.test(text));
  if (!isPlain) {
    return [
      "Its signer's name holds characters that a shell may take for others: no command to copy is shown.",
    ];
  }
  const [who, by] = [`"${subject.value}"`, `"${issuer}"`];
  return [
    'Others verify it by one of these (and a trusted root of your own, where it is not the public one):',
    `  cosign verify-blob --bundle ${bundle} --certificate-identity ${who} --certificate-oidc-issuer ${by} ${artifact}`,
    `  sigstore verify identity --bundle ${bundle} --cert-identity ${who} --cert-oidc-issuer ${by} ${artifact}`,
  ];
}
