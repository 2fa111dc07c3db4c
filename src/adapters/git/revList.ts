/** Commits of a history in git's order, with the parents that git sees. git does the walking. */
import { SignetError } from '../../errors.ts';
import { lineJoiner } from './lineJoiner.ts';
import type { RawGit } from './openRawGit.ts';

/** A commit with its parents as git walks them: they differ from those in its bytes where history is cut or grafted. */
export interface ListedCommit {
  readonly oid: string;
  readonly parents: readonly string[];
}

/** What to walk from: full object ids, with a `^` before those whose history is left out; or all refs and HEAD. */
export type Tips = readonly string[] | 'all';

/** Notes and the stash are not part of what anybody publishes as history, and git itself writes their commits. */
const ALL = ['--exclude=refs/notes/*', '--exclude=refs/stash', '--all'];

/** Lists commits, each once. Throws SignetError `malformed` where git cannot walk all of it. */
export async function* listCommits(git: RawGit, tips: Tips): AsyncGenerator<ListedCommit> {
  const args = ['rev-list', '--parents', ...(tips === 'all' ? ALL : ['--stdin'])];
  const { child, ended, said, stop } = git.start(args);
  child.stdin.end(tips === 'all' ? '' : tips.map((tip) => `${tip}\n`).join(''));
  try {
    const joiner = lineJoiner();
    for await (const chunk of child.stdout.setEncoding('latin1')) {
      for (const line of joiner.add(chunk)) {
        const [oid = '', ...parents] = line.split(' ');
        yield { oid, parents };
      }
    }
    if ((await ended) !== 0) throw cutShort(said());
  } finally {
    stop();
  }
}

function cutShort(why: string): SignetError {
  return new SignetError(
    'malformed',
    `git could not walk the whole history: ${why}.`,
    'What it did not reach was not judged. Run git fsck to see what is missing.',
  );
}
