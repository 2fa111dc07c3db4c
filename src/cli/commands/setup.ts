/** `git-signet setup`: the git configuration that makes git start us. */
import type { Argv } from 'yargs';
import { runGit } from '../../adapters/git/runGit.ts';
import { EXIT, type ExitCode } from '../../errors.ts';
import type { CommandContext } from '../commandLine.ts';
import { ownName } from '../ownName.ts';
import { print, printText } from '../print.ts';

export function addSetupCommand(parser: Argv, { env, run }: CommandContext): Argv {
  const global = {
    type: 'boolean',
    default: false,
    describe: 'for all your repositories, not only this one',
  } as const;
  const sign = {
    type: 'boolean',
    default: true,
    describe: 'sign every commit and tag unasked (--no-sign: only with -S)',
  } as const;
  return parser.command(
    'setup',
    'make git sign with git-signet',
    (y) => y.option('global', global).option('sign', sign),
    (args) => run(() => setupCommand(env, args)),
  );
}

async function setupCommand(
  env: NodeJS.ProcessEnv,
  options: { global: boolean; sign: boolean },
): Promise<ExitCode> {
  const scope = options.global ? '--global' : '--local';
  const settings: readonly (readonly [string, string])[] = [
    ['gpg.format', 'x509'],
    ['gpg.x509.program', ownName(env)],
    ...(options.sign
      ? ([
          ['commit.gpgSign', 'true'],
          ['tag.gpgSign', 'true'],
        ] as const)
      : []),
  ];
  for (const [key, value] of settings) runGit(['config', scope, key, value], env);
  await compileForThisNode();
  print([...settings.map(([key, value]) => `git config ${scope} ${key} ${value}`), '']);
  printText([
    options.sign
      ? 'Done: the next commit or tag is signed, and asks you to log in.'
      : 'Done: git commit -S and git tag -s sign, and ask you to log in.',
    'With the public Sigstore, each signature puts your e-mail address into a public log for ever; the first login says so again.',
  ]);
  return EXIT.good;
}

/** Makes the next starts faster where our own folder may be written; elsewhere they stay as they are. */
async function compileForThisNode(): Promise<void> {
  const { writeCodeCaches } = await import('../../adapters/writeCodeCache.ts');
  try {
    writeCodeCaches(import.meta.dirname);
  } catch {
    // The folder belongs to an administrator: every bundle is compiled at each start, as without us.
  }
}
