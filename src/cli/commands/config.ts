/** `git-signet config`: every setting, its value and where that comes from. */
import type { Argv } from 'yargs';
import { ISSUER_ALIASES, toAllowEntry } from '../../adapters/allow.ts';
import { parseConfig, readText, SETTINGS } from '../../adapters/config.ts';
import { type GitConfig, readGitConfig } from '../../adapters/git/readConfig.ts';
import { escapeForTerminal } from '../../adapters/terminal.ts';
import { EXIT, type ExitCode } from '../../errors.ts';
import type { CommandContext } from '../commandLine.ts';
import { print, printJson, printTable } from '../print.ts';

export function addConfigCommand(parser: Argv, { env, run }: CommandContext): Argv {
  const json = { type: 'boolean', default: false, describe: 'print JSON' } as const;
  return parser.command(
    'config',
    'all settings, and where each comes from',
    (y) => y.option('json', json),
    (args) => run(() => configCommand(env, args)),
  );
}

export async function configCommand(env: NodeJS.ProcessEnv, options: { json: boolean }): Promise<ExitCode> {
  const git = readGitConfig(env);
  const config = parseConfig(git, env);
  const settings = SETTINGS.map(({ key, text }) => ({ key, ...describe(key, git, env), text }));
  const allowed = config.policy.kind === 'allow' ? config.policy.identities.map(toAllowEntry) : [];
  if (options.json) {
    printJson({ settings, allowed, aliases: ISSUER_ALIASES, warnings: config.warnings });
    return EXIT.good;
  }
  printTable(
    ['setting', 'value', 'from', 'what it is'],
    settings.map(({ key, value, source, text }) => [key, escapeForTerminal(value), source, text]),
  );
  print(['', 'Short names for issuers in signet.allow:']);
  printTable(
    [],
    Object.entries(ISSUER_ALIASES).map(([name, url]) => [`  ${name}`, url]),
  );
  print(config.warnings.map((warning) => `Warning: ${warning}`));
  return EXIT.good;
}

function describe(key: (typeof SETTINGS)[number]['key'], git: GitConfig, env: NodeJS.ProcessEnv) {
  if (key !== 'signet.allow') return readText(key, git, env);
  const values = git.get('signet.allow')?.map((value) => value ?? '') ?? [];
  const current = values.slice(values.lastIndexOf('') + 1);
  return { value: current.join(', '), source: values.length > 0 ? 'git config' : 'default' };
}
