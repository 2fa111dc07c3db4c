/** `git-signet config`: every setting, its value and where that comes from. */
import type { Argv } from 'yargs';
import { toAllowEntry } from '../../adapters/allow.ts';
import { CONFIG_SETTINGS, parseConfig, readAllow } from '../../adapters/config.ts';
import { GATE_SETTINGS } from '../../adapters/gate/gateSettings.ts';
import { INSTANCE_SETTINGS, parseInstance } from '../../adapters/instance.ts';
import { MATCH_COMMITTER } from '../../adapters/matchCommitter.ts';
import { readSettings, readText, type Setting, type Settings } from '../../adapters/settings.ts';
import { escapeForTerminal } from '../../adapters/terminal.ts';
import { withServices } from '../../adapters/trust/services.ts';
import { WISH_SETTINGS } from '../../adapters/trust/wishes.ts';
import { ISSUER_ALIASES } from '../../core/policy/issuers.ts';
import { EXIT, type ExitCode } from '../../errors.ts';
import type { CommandContext } from '../commandLine.ts';
import { print, printJson, printTable } from '../print.ts';
import { terminalWidth } from '../wrap.ts';

const { trustedRoot, ...others } = CONFIG_SETTINGS;

/** All settings, in the order in which they are shown. */
export const SETTINGS = [
  ...Object.values(INSTANCE_SETTINGS),
  trustedRoot,
  ...Object.values(WISH_SETTINGS),
  ...Object.values(others),
  MATCH_COMMITTER,
  ...Object.values(GATE_SETTINGS),
] as const;

type SettingKey = (typeof SETTINGS)[number]['key'];

/** What each setting is; total, so that a new one cannot be forgotten. */
const TEXTS: Readonly<Record<SettingKey, string>> = {
  'signet.fulcio': 'certificate authority',
  'signet.rekor': 'transparency log',
  'signet.rekorVersion': 'version of that log: 1 or 2',
  'signet.timestampServerURL': 'stamps each signature',
  'signet.issuer': 'OpenID provider to log in at',
  'signet.clientID': 'client id at the OpenID provider',
  'signet.redirectURL': 'where the browser comes back to',
  'signet.connectorID': 'skips the page of choices',
  'signet.trustedRoot': 'verify with this trusted root only',
  'signet.trustMirror': 'verify with what TUF brings from there',
  'signet.timestampCertChain': 'trust this timestamp authority too',
  'signet.insecureHTTP': 'plain http beyond this machine',
  'signet.allow': 'who may sign; may be given often',
  'signet.policy': 'policy file outside of repositories',
  'signet.requirePolicy': 'good only if a policy names them',
  'signet.untrustedAs': 'others seen as: errsig or goodsig',
  'signet.smimeProgram': 'judges CMS signatures of others',
  'signet.matchCommitter': 'sign only as the committer',
  'signet.policyRef': 'servers: ref with the policy',
  'signet.introduction': 'servers: commits trusted by name',
  'signet.maxCommits': 'servers: new commits in one push',
  'signet.deadline': 'servers: seconds for one push',
};

const WIDE_COLUMNS = 110;

export function addConfigCommand(parser: Argv, { env, run }: CommandContext): Argv {
  const json = { type: 'boolean', default: false, describe: 'print JSON' } as const;
  return parser.command(
    'config',
    'all settings, and where each comes from',
    (y) => y.option('json', json),
    (args) => run(() => configCommand(env, args)),
  );
}

async function configCommand(env: NodeJS.ProcessEnv, options: { json: boolean }): Promise<ExitCode> {
  const read = await withServices(readSettings(env));
  const config = parseConfig(read);
  const { warnings } = parseInstance(read);
  const settings = SETTINGS.map((setting) => ({
    key: setting.key,
    ...describe(setting, read),
    text: TEXTS[setting.key],
  }));
  const allowed = config.policy.kind === 'allow' ? config.policy.identities.map(toAllowEntry) : [];
  if (options.json) {
    printJson({ settings, allowed, aliases: ISSUER_ALIASES, warnings });
    return EXIT.good;
  }
  // Where there is little room the explanations go, not the values.
  const explained = (terminalWidth() ?? Number.POSITIVE_INFINITY) >= WIDE_COLUMNS;
  printTable(
    ['setting', ...(explained ? ['what it is'] : []), 'from', 'value'],
    settings.map(({ key, value, source, text }) => [
      key,
      ...(explained ? [text] : []),
      source,
      escapeForTerminal(value),
    ]),
  );
  print(['', 'Short names for issuers in signet.allow:']);
  printTable(
    [],
    Object.entries(ISSUER_ALIASES).map(([name, url]) => [`  ${name}`, url]),
  );
  print(warnings.map((warning) => `Warning: ${warning}`));
  return EXIT.good;
}

function describe(setting: Setting, settings: Settings) {
  if (setting !== CONFIG_SETTINGS.allow) return readText(setting, settings);
  const values = readAllow(settings);
  const current = values.slice(values.lastIndexOf('') + 1);
  return { value: current.join(', '), source: values.length > 0 ? 'git config' : 'default' };
}
