/** The annotated tags of a repository, by the refs that name them. */
import type { RawGit } from './openRawGit.ts';

export interface NamedTag {
  readonly oid: string;
  /** Full name: `refs/tags/v1`. */
  readonly ref: string;
  /** What the tag leads to. */
  readonly target: string;
}

export interface Tags {
  readonly annotated: readonly NamedTag[];
  /** Full names of refs below refs/tags that name a commit itself: nothing is signed there. */
  readonly lightweight: readonly string[];
}

/** Lists refs/tags, sorted by name. */
export function listTags(git: RawGit): Tags {
  const format = '%(objectname) %(objecttype) %(*objectname) %(refname)';
  const annotated: NamedTag[] = [];
  const lightweight: string[] = [];
  for (const line of git.run(['for-each-ref', `--format=${format}`, 'refs/tags']).split('\n')) {
    const [, oid, type, target, ref] = /^(\S+) (\S+) (\S*) (\S+)$/.exec(line) ?? [];
    if (oid === undefined || target === undefined || ref === undefined) continue;
    if (type === 'tag') annotated.push({ oid, ref, target });
    else lightweight.push(ref);
  }
  return { annotated, lightweight };
}
