/** `git-signet bundle verify`: one object, judged by a bundle. */
import { parseBundle } from '../../adapters/bundle.ts';
import { type History, openHistory } from '../../adapters/git/history.ts';
import { readFileBytes } from '../../adapters/readBytes.ts';
import { escapeForTerminal } from '../../adapters/terminal.ts';
import { bundleJudge } from '../../app/judgeBundle.ts';
import { decideBy, outcomeOf } from '../../app/outcome.ts';
import { type Judged, judgeObjects } from '../../app/verifyObjects.ts';
import { MAX_ARTIFACT_BYTES, MAX_BUNDLE_BYTES } from '../../core/limits.ts';
import { type ExitCode, SignetError } from '../../errors.ts';
import { openJudging } from '../judging.ts';
import { print } from '../print.ts';
import { openPrinter } from '../renderResults.ts';
import { type Format, parseDemand } from './verifyFlags.ts';

export type BundleVerifyArguments = Parameters<typeof parseDemand>[0] & {
  readonly bundle: string;
  readonly artifact: string;
  readonly rev: string;
  readonly format: Format;
};

/** Asks no service. Output and exit code are those of `verify` with one object. */
export async function bundleVerifyCommand(
  env: NodeJS.ProcessEnv,
  args: BundleVerifyArguments,
): Promise<ExitCode> {
  const { rev, format } = args;
  const demand = parseDemand(args);
  const bundle = parseBundle(readFileBytes(args.bundle, MAX_BUNDLE_BYTES));
  const artifact = readFileBytes(args.artifact, MAX_ARTIFACT_BYTES);
  const history = openHistory({ revs: [rev], all: false, tags: false }, env);
  const { deciding, trust } = await openJudging(env, { demand, offline: true, cache: false });
  const judged = await theOne(
    history,
    (objects) =>
      judgeObjects(objects, {
        judge: bundleJudge(bundle, artifact, trust),
        decide: (found, object) => decideBy(deciding, found, object),
        sources: [],
        signal: new AbortController().signal,
      }),
    rev,
  );
  const outcome = outcomeOf(judged, deciding);
  const { object, verdict } = judged;
  if (format === 'text' && verdict.status === 'bad' && !judged.renamed) {
    const lines = [`${object.kind} ${object.oid}`, `BAD by this bundle: ${verdict.reason}.`, ADVICE];
    print(lines.map(escapeForTerminal));
    return outcome.exitCode;
  }
  const showing = { deciding, sandbox: trust.sandbox, replaced: trust.replaced, table: false };
  const printer = openPrinter({ format, single: true, trustDigest: trust.digest }, showing);
  printer.object({ ...judged, outcome });
  printer.end(
    { objects: 1, counts: new Map([[verdict.status, 1]]), gaps: [], lightweight: [] },
    outcome.exitCode,
  );
  return outcome.exitCode;
}

const ADVICE = 'It is of something else, or one of them was changed. The object by itself: git-signet verify';

/** The object that was named. Throws SignetError `usage` where there are several. */
export async function theOne(
  history: History,
  judge: (objects: History['objects']) => AsyncGenerator<Judged>,
  rev: string,
): Promise<Judged> {
  if (history.single) for await (const judged of judge(history.objects)) return judged;
  const message = `${JSON.stringify(rev)} is not one object.`;
  throw new SignetError('usage', message, 'A bundle is of one: name a commit or a tag.');
}
