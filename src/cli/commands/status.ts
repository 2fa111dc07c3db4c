/** `git-signet status`: as whom one signs, for how long, and where the credential is kept. */
import type { Argv } from 'yargs';
import { readSettings } from '../../adapters/settings.ts';
import { escapeForTerminal } from '../../adapters/terminal.ts';
import { parseTrustChoice } from '../../adapters/trust/choice.ts';
import { EXIT, type ExitCode } from '../../errors.ts';
import type { Credential } from '../../ports.ts';
import type { CommandContext } from '../commandLine.ts';
import { findCredential } from '../credential.ts';
import { print, printJson } from '../print.ts';
import { prepare } from './prepare.ts';
import { describeEnd } from './trustShow.ts';

export function addStatusCommand(parser: Argv, { env, run }: CommandContext): Argv {
  const json = { type: 'boolean', default: false, describe: 'print JSON' } as const;
  return parser.command(
    'status',
    'who you sign as, and for how long',
    (y) => y.option('json', json),
    (args) => run(() => statusCommand(env, args)),
  );
}

async function statusCommand(env: NodeJS.ProcessEnv, options: { json: boolean }): Promise<ExitCode> {
  const wanted = await prepare(env);
  const credential = await findCredential(wanted);
  if (options.json) {
    printJson({
      loggedIn: credential !== undefined,
      subject: credential?.identity.subject ?? null,
      issuer: credential?.identity.issuer ?? null,
      validUntil: credential?.notAfter ?? null,
      store: wanted.store?.name ?? null,
      fulcio: wanted.instance.fulcioUrl,
      sandbox: wanted.trust.sandbox,
    });
  } else {
    print(describeSignerState(credential, wanted.store?.name, wanted.trust.sandbox));
    print(describeEnd(parseTrustChoice(readSettings(env)), env));
  }
  return EXIT.good;
}

/** Lines for a person; safe for a terminal. */
export function describeSignerState(
  credential: Credential | undefined,
  storeName: string | undefined,
  sandbox: boolean,
): readonly string[] {
  const place = storeName ?? 'nowhere: there is no keychain here, so each signature needs its own login';
  if (credential === undefined) {
    return [
      'Not logged in: the next signature, or git-signet login, asks you to.',
      `Credentials are kept in: ${place}`,
    ];
  }
  const leftMs = credential.notAfter.getTime() - Date.now();
  const left = `${Math.floor(leftMs / 60_000)} min ${Math.floor((leftMs % 60_000) / 1000)} s`;
  return [
    `Signing as ${credential.identity.subject.value}${sandbox ? ' [sandbox]' : ''}`,
    `Issuer     ${credential.identity.issuer}`,
    `Time left  ${left}`,
    `Kept in    ${place}`,
  ].map(escapeForTerminal);
}
