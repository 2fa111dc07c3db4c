/** `git log` with whatever options people like, as lines that name their commits. */
import { randomBytes } from 'node:crypto';
import { lstatSync } from 'node:fs';
import { SignetError } from '../../errors.ts';
import { lineJoiner } from './lineJoiner.ts';
import type { RawGit } from './openRawGit.ts';

/** One line of git's. */
export interface LogLine {
  /** What git draws or adds: the graph before a commit, or a line of its own (graph, statistics, a patch). */
  readonly text: string;
  /** Set where the line names a commit. */
  readonly commit?: { readonly oid: string; readonly refs: string; readonly subject: string };
}

/** Nobody can have written it before: a patch shows whatever files hold, and would forge lines that name commits. */
const MARK = `\x01${randomBytes(12).toString('hex')}\x01`;
const FORMAT = `--format=${MARK}%H${MARK}%D${MARK}%s${MARK}`;

/** A first line may be as long as its commit; nobody reads more of it than this. */
const MAX_SUBJECT = 500;

/** They change how lines are told apart, or let git start programs that a repository names. */
const REFUSED = /^(-z|--null|--ext-diff|--textconv|--show-signature|--output(=.*)?)$/;

/** Starts `git log` and gives its lines as they come. Throws SignetError `usage` with git's own words. */
export async function* logLines(git: RawGit, options: readonly string[]): AsyncGenerator<LogLine> {
  const refused = options.find((option) => REFUSED.test(option));
  if (refused !== undefined) {
    throw new SignetError('usage', `git-signet log does not take ${refused}.`, 'Leave it out.');
  }
  const fixed = ['--no-ext-diff', '--no-textconv', '--no-show-signature', '--color=never', FORMAT];
  const args = ['-c', 'log.showSignature=false', 'log', ...beforePaths(options, fixed)];
  const { child, ended, said, stop } = git.start(args);
  child.stdin.end();
  try {
    const joiner = lineJoiner();
    for await (const chunk of child.stdout.setEncoding('utf8')) yield* joiner.add(chunk).map(toLine);
    const rest = joiner.rest();
    if (rest !== '') yield toLine(rest);
    if ((await ended) !== 0) throw failed(said());
  } finally {
    stop();
  }
}

/** The last format wins; what follows `--` are paths, and so are files and patterns at the end: git wants no option behind. */
function beforePaths(options: readonly string[], fixed: readonly string[]): readonly string[] {
  const marked = options.indexOf('--');
  const at = marked < 0 ? options.findLastIndex((option) => !isPath(option)) + 1 : marked;
  return [...options.slice(0, at), ...fixed, ...options.slice(at)];
}

/** As git's verify_filename (setup.c) takes it for one. */
function isPath(option: string): boolean {
  if (option.startsWith('-')) return false;
  return /^:|[*?[]/.test(option) || lstatSync(option, { throwIfNoEntry: false }) !== undefined;
}

function toLine(line: string): LogLine {
  const [text = '', oid = '', refs = '', ...subject] = line.split(MARK);
  if (!/^([0-9a-f]{40}|[0-9a-f]{64})$/.test(oid)) return { text: line };
  return {
    text,
    commit: { oid, refs, subject: (subject[0] ?? '').slice(0, MAX_SUBJECT) },
  };
}

function failed(why: string): SignetError {
  const [, what, named, path] =
    /^(?:(ambiguous argument|bad revision) '(.*?)'(?:: unknown revision.*)?|(.*): no such path in .*)$/.exec(
      why,
    ) ?? [];
  const name = named ?? path;
  if (name !== undefined) {
    const kinds = what === 'bad revision' ? 'no revision' : 'neither a revision nor a file';
    return new SignetError(
      'usage',
      `${JSON.stringify(name)} is ${kinds} here.`,
      'Name a commit, a tag, a branch or a range; files that are gone go behind --',
    );
  }
  return new SignetError(
    'usage',
    `git log stopped: ${why.replace(/\.+$/, '')}.`,
    'See git help log for its options.',
  );
}
