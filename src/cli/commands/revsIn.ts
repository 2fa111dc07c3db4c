/** What yargs makes of a command line with revisions. */
interface Arguments {
  readonly revs?: readonly string[] | undefined;
  readonly [name: string]: unknown;
}

/** The revisions that are named; those after `--` too, since a name may not begin with `-` there either. */
export function revsIn(args: Arguments): readonly string[] {
  const after = args['--'];
  return [...(args.revs ?? []), ...(Array.isArray(after) ? after : [])].map(String);
}
