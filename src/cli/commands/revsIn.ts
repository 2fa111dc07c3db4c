/** The revisions that a command is to look at. */
import { SignetError } from '../../errors.ts';

/** What yargs makes of a command line with revisions. */
interface Arguments {
  readonly revs?: readonly string[] | undefined;
  readonly all?: boolean;
  readonly [name: string]: unknown;
}

/**
 * The revisions that are named; those after `--` too, since a name may not begin with `-` there either. Throws
 * `usage` where all are asked for besides.
 */
export function revsIn(args: Arguments): readonly string[] {
  const after = args['--'];
  const revs = [...(args.revs ?? []), ...(Array.isArray(after) ? after : [])].map(String);
  if (args.all !== true || revs.length === 0) return revs;
  throw new SignetError('usage', 'Revisions and --all do not go together.', 'Leave one of them out.');
}
