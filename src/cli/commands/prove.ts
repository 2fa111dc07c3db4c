/** `git-signet prove`: finds the log entries that old signatures do not carry, and keeps them in git notes. */
import type { Argv } from 'yargs';
import { parseConfig } from '../../adapters/config.ts';
import { type HistoryRequest, openHistory } from '../../adapters/git/history.ts';
import { notesSource } from '../../adapters/git/notesRead.ts';
import { saveNotes } from '../../adapters/git/notesWrite.ts';
import { parseInstance } from '../../adapters/instance.ts';
import { logSource } from '../../adapters/rekorSearch.ts';
import { readSettings } from '../../adapters/settings.ts';
import { openTrust } from '../../adapters/trust/loadTrust.ts';
import { withServices } from '../../adapters/trust/services.ts';
import { refreshTrust } from '../../adapters/tuf/refresh.ts';
import { type ProvePorts, type ProveResult, proveObjects } from '../../app/prove.ts';
import { PROVE_PATIENCE } from '../../core/limits.ts';
import { EXIT, type ExitCode, SignetError } from '../../errors.ts';
import type { CommandContext } from '../commandLine.ts';
import { printJson } from '../print.ts';
import { printLines } from '../printError.ts';
import { printResult, showProgress, toJson } from '../renderProve.ts';
import { revsIn } from './revsIn.ts';

interface ProveArguments {
  readonly revs: readonly string[];
  readonly all: boolean;
  readonly tags: boolean;
  readonly dryRun: boolean;
  readonly parallel: number;
  readonly format: string;
}

const FORMATS = ['text', 'json'] as const;

/** A log serves everybody; more at once makes it slower for them, not faster for us. */
const MAX_PARALLEL = 16;

export function addProveCommand(parser: Argv, { env, run }: CommandContext): Argv {
  return parser.command(
    'prove [revs..]',
    'find log entries that signatures do not carry, and keep them in git notes',
    (y) =>
      y
        .positional('revs', {
          type: 'string',
          array: true,
          describe: 'commits, tags or ranges',
          defaultDescription: 'all that HEAD reaches',
        })
        .option('all', {
          type: 'boolean',
          default: false,
          describe: 'all that a branch, a tag or HEAD reaches',
        })
        .option('tags', { type: 'boolean', default: false, describe: 'annotated tags too' })
        .option('dry-run', {
          type: 'boolean',
          default: false,
          describe: 'only say what has no proof: ask no log, store nothing',
        })
        .option('parallel', {
          type: 'number',
          default: 4,
          describe: `searches at once, up to ${MAX_PARALLEL}`,
        })
        .option('format', { choices: FORMATS, default: 'text', describe: 'for people or for programs' }),
    (args) => run(() => proveCommand(env, { ...args, revs: revsIn(args) })),
  );
}

async function proveCommand(env: NodeJS.ProcessEnv, args: ProveArguments): Promise<ExitCode> {
  const { parallel } = args;
  if (!Number.isInteger(parallel) || parallel < 1 || parallel > MAX_PARALLEL) {
    throw new SignetError(
      'usage',
      `--parallel takes a whole number from 1 to ${MAX_PARALLEL}.`,
      'Leave it out: 4 is polite.',
    );
  }
  const settings = readSettings(env);
  const { instance, warnings } = parseInstance(await withServices(settings));
  const { rekorUrl, insecureHttp } = instance;
  const history = openHistory(toRequest(args), env);
  const notes = notesSource(env);
  const log = args.dryRun ? undefined : logSource(rekorUrl, { insecureHttp, patience: PROVE_PATIENCE });
  if (!args.dryRun) for (const warning of warnings) printLines([`Warning: ${warning}`]);
  const choice = parseConfig(settings).trust;
  await refreshTrust(choice, env, { offline: args.dryRun, signal: new AbortController().signal });
  const trust = await openTrust(choice, env);
  if (trust.replaced !== undefined && trust.replaced.length > 0) printLines(trust.replaced);
  const save: ProvePorts['save'] = (found) => saveNotes(found, env);
  const progress = showProgress();
  try {
    const options = { parallel, onProgress: progress.show };
    const result = await untilSignal((signal) =>
      proveObjects(history.objects, { trust, notes, log, save }, options, signal),
    );
    progress.clear();
    const { gaps } = history;
    const shown = { result, gaps, dryRun: args.dryRun, rekorUrl };
    if (args.format === 'json') printJson(toJson(shown));
    else printResult(shown);
    return exitCodeOf(result, gaps);
  } finally {
    progress.clear();
    notes.close();
  }
}

/** Without anything named: all that HEAD reaches. */
function toRequest({ revs, all, tags }: ProveArguments): HistoryRequest {
  const isBare = revs.length === 0 && !all && !tags;
  return { revs, all, tags, walk: isBare };
}

/** Runs a task that SIGINT and SIGTERM interrupt: it ends soon then, with what it has. */
async function untilSignal<T>(task: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const interrupt = (): void => controller.abort();
  process.once('SIGINT', interrupt).once('SIGTERM', interrupt);
  try {
    return await task(controller.signal);
  } finally {
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
  }
}

function exitCodeOf({ counts, stopped, interrupted }: ProveResult, gaps: readonly string[]): ExitCode {
  if (stopped !== undefined) return stopped.exitCode;
  const isWhole = counts.unproven === 0 && counts.bad === 0 && !interrupted && gaps.length === 0;
  return isWhole ? EXIT.good : EXIT.unjudged;
}
