/** `git-signet setup`: the git configuration that makes git start us. */
import type { Argv } from 'yargs';
import { runGit } from '../../adapters/git/runGit.ts';
import { servicesOfGitsign } from '../../adapters/gitsignServices.ts';
import { readSettings } from '../../adapters/settings.ts';
import { escapeForTerminal } from '../../adapters/terminal.ts';
import { withServices } from '../../adapters/trust/services.ts';
import { EXIT, type ExitCode } from '../../errors.ts';
import type { CommandContext } from '../commandLine.ts';
import { ownName } from '../ownName.ts';
import { print, printText } from '../print.ts';
import { quoteForShell } from '../quoteForShell.ts';

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
  await tellOfGitsign(env, scope);
  return EXIT.good;
}

/** Whoever used gitsign with a Sigstore of their own would sign with the public one next. */
async function tellOfGitsign(env: NodeJS.ProcessEnv, scope: string): Promise<void> {
  const services = servicesOfGitsign(await withServices(readSettings(env)));
  if (services.length === 0) return;
  printText(["\ngitsign's settings of services are not read. To go on with the same ones:"]);
  for (const { ours, value } of services) {
    print([escapeForTerminal(`git config ${scope} ${ours} ${quoteForShell(value)}`)]);
  }
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
