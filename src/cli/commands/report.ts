/** `git-signet report`: a history's signatures as a page of HTML. */
import { basename, resolve } from 'node:path';
import type { Argv } from 'yargs';
import { type History, openHistory } from '../../adapters/git/history.ts';
import { openRawGit } from '../../adapters/git/openRawGit.ts';
import { writeTogether } from '../../adapters/writeTogether.ts';
import { type Deciding, outcomeOf } from '../../app/outcome.ts';
import { KINDS, type Report, type ReportRow, toReport, toRow } from '../../app/report.ts';
import { counted } from '../../core/counted.ts';
import { EXIT, type ExitCode } from '../../errors.ts';
import type { CommandContext } from '../commandLine.ts';
import { print } from '../print.ts';
import { startProgress } from '../renderProgress.ts';
import { renderPage } from '../report/page.ts';
import { openRuledJudging } from '../ruling.ts';
import { VERSION } from '../version.ts';
import { revsIn } from './revsIn.ts';

export function addReportCommand(parser: Argv, { env, run }: CommandContext): Argv {
  return parser.command(
    'report [revs..]',
    'who signed what and when, as a page to look at',
    (y) =>
      y
        .positional('revs', {
          type: 'string',
          array: true,
          defaultDescription: 'all of HEAD',
          describe: 'HEAD, v1..main',
        })
        .option('html', { type: 'string', requiresArg: true, demandOption: true, describe: 'file to write' })
        .option('all', {
          type: 'boolean',
          default: false,
          describe: 'every commit that a branch or tag reaches',
        })
        .option('offline', { type: 'boolean', default: false, describe: 'do not ask the log' }),
    (args) => run(() => reportCommand(env, { ...args, revs: revsIn(args) })),
  );
}

interface ReportArguments {
  readonly revs: readonly string[];
  readonly html: string;
  readonly all: boolean;
  readonly offline: boolean;
}

/** Writes the page whole or not at all. The exit code says that it was written, not that all is good. */
async function reportCommand(env: NodeJS.ProcessEnv, args: ReportArguments): Promise<ExitCode> {
  const { all, html } = args;
  const revs = args.revs.length > 0 || all ? args.revs : ['HEAD'];
  const git = openRawGit(env);
  const history = openHistory({ revs, all, tags: true, walk: true }, env);
  const judging = await openRuledJudging(env, { offline: args.offline, cache: true });
  const rows: ReportRow[] = [];
  const targets = new Map<string, string>();
  const progress = startProgress();
  try {
    for await (const judged of judging.judge(history.objects)) {
      const row = toRow(judged, outcomeOf(judged, judging.deciding));
      rows.push(row);
      if (row.tag !== undefined) targets.set(row.oid, targetOf(judged.object.raw));
      progress.step(rows.length);
    }
  } finally {
    progress.end();
  }
  const report = toReport(rows);
  const { trust, deciding } = judging;
  const page = renderPage(report, {
    repository: nameOf(git.run(['rev-parse', '--absolute-git-dir']).trim()),
    range: all ? 'Everything that a branch, a tag or HEAD reaches' : revs.join(' '),
    madeAt: new Date(),
    trustDigest: trust.digest,
    sandbox: trust.sandbox,
    policy: policySentence(deciding),
    ...missing(history),
    targets,
    version: VERSION,
  });
  writeTogether([{ path: resolve(html), content: page }], true, '--html FILE');
  print([`${html}: ${summaryOf(report)}`]);
  if (history.gaps.length > 0) print(['INCOMPLETE: some of the history is not here, and was not judged.']);
  return EXIT.good;
}

function summaryOf({ commits, tags, counts }: Report): string {
  const kinds = KINDS.filter((kind) => counts[kind] > 0).map((kind) => `${counts[kind]} ${kind}`);
  const judged = kinds.length === 0 ? '' : ` (${kinds.join(', ')})`;
  return `${counted(commits.length, 'commit')}${judged}; ${counted(tags.length, 'tag')}.`;
}

function missing({ gaps, lightweight }: History) {
  return { gaps, lightweight };
}

function targetOf(raw: Uint8Array): string {
  const head = Buffer.from(raw.buffer, raw.byteOffset, raw.length).toString('latin1', 0, 80);
  return /^object ([0-9a-f]+)\n/.exec(head)?.[1] ?? '';
}

/** The work tree's folder, or the bare repository's. */
function nameOf(gitDir: string): string {
  return basename(gitDir) === '.git' ? basename(resolve(gitDir, '..')) : basename(gitDir, '.git');
}

function policySentence({ policy, requirePolicy }: Deciding): string {
  if (policy.kind === 'file') return 'A policy file says who may sign.';
  if (policy.kind === 'allow') return `signet.allow names ${policy.identities.length} who may sign.`;
  return requirePolicy
    ? 'A policy is required, and there is none.'
    : "No policy says who may sign: good is anybody's sound signature.";
}
