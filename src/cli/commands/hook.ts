/** `git-signet hook`: the gate of a server. */
import type { Argv } from 'yargs';
import type { CommandContext } from '../commandLine.ts';
import { hookCheck } from '../hookCheck.ts';
import { hookInstall, hookUninstall } from '../hookInstall.ts';

export function addHookCommand(parser: Argv, { env, run }: CommandContext): Argv {
  return parser.command('hook', 'judge pushes on a server by the identity policy', (y) =>
    y
      .command(
        'install',
        'in a bare repository: judge each push from now on',
        (options) =>
          options
            .option('introduction', {
              type: 'string',
              array: true,
              describe: 'commit that is trusted by name, with all before it (full id)',
            })
            .option('policy-ref', {
              type: 'string',
              describe: 'where the policy is read from: refs/heads/main',
            }),
        (args) =>
          run(() => hookInstall(env, { introduction: args.introduction ?? [], policyRef: args.policyRef })),
      )
      .command('check', 'prove that it refuses what it must, and find ways around it', {}, () =>
        run(() => hookCheck(env)),
      )
      .command('uninstall', 'judge pushes no more', {}, () => run(async () => hookUninstall(env)))
      .command('pre-receive', 'what the hook calls', {}, () =>
        run(async () => (await import('../preReceive.ts')).preReceive(env)),
      )
      .demandCommand(1, 'Name one of install, check, uninstall.'),
  );
}
