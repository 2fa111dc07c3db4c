/** `git-signet doctor`: looks at everything that commonly goes wrong, and says what to do. */
import type { Argv } from 'yargs';
import { parseConfig } from '../../adapters/config.ts';
import { runGit } from '../../adapters/git/runGit.ts';
import { readSettings, type Settings } from '../../adapters/settings.ts';
import { type LoadedTrust, openTrust } from '../../adapters/trust/loadTrust.ts';
import { EXIT, type ExitCode, isSignetError } from '../../errors.ts';
import type { CommandContext } from '../commandLine.ts';
import { type Examined, examine, type Finding } from '../doctor/finding.ts';
import { examineClockByHead, examineIdentity, judgeHead } from '../doctor/identity.ts';
import {
  examineCodeCache,
  examineGit,
  examineNode,
  examineProgram,
  examineSigning,
} from '../doctor/programs.ts';
import { examineHook, examineNotes, examinePolicy } from '../doctor/repository.ts';
import { examineServices } from '../doctor/services.ts';
import { examineKeychain, examineSettings } from '../doctor/settings.ts';
import { examineTrust } from '../doctor/trust.ts';
import { printDoctor } from '../renderDoctor.ts';

interface DoctorArguments {
  readonly online: boolean;
  readonly format: 'text' | 'json';
}

export function addDoctorCommand(parser: Argv, { env, run }: CommandContext): Argv {
  return parser.command(
    'doctor',
    'look at everything that commonly goes wrong, and say what to do',
    (y) =>
      y
        .option('online', {
          type: 'boolean',
          default: false,
          describe: 'ask the services whether they are there, and what time it is',
        })
        .option('format', { choices: ['text', 'json'] as const, default: 'text' as const }),
    (args) => run(() => doctorCommand(env, args)),
  );
}

/** Ends with what the first line asks for that is wrong. */
async function doctorCommand(env: NodeJS.ProcessEnv, args: DoctorArguments): Promise<ExitCode> {
  const findings = await findAll(env, args.online);
  const exitCode = findings.find(({ level }) => level === 'wrong')?.exitCode ?? EXIT.good;
  printDoctor(findings, { ...args, exitCode });
  return exitCode;
}

/** In the order in which one thing rests on the other. */
async function findAll(env: NodeJS.ProcessEnv, online: boolean): Promise<readonly Finding[]> {
  const git = gitIn(env);
  const start = [...examineNode({ env }), ...examineGit({ git })];
  if (start.some(({ level }) => level === 'wrong')) return start;
  // Before anything is judged: that sets flags of V8, which then takes no cache any more.
  const codeCache = examineCodeCache();
  const { settings, trust, broken } = await open(env);
  const examined: Examined = { env, online, place: placeOf(git), git, settings, trust };
  const head = await judgeHead(examined);
  const services = await examine('services', () => examineServices(examined));
  const hasClock = services.some(({ what }) => what === 'clock');
  const all = await Promise.all([
    start,
    examine('program', () => examineProgram(examined)),
    examine('signing', () => examineSigning(examined)),
    codeCache,
    broken,
    examine('identity', () => examineIdentity(examined, head)),
    examineKeychain(env),
    examineTrust(examined),
    services,
    hasClock ? [] : examineClockByHead(head),
    examine('policy', () => examinePolicy(examined)),
    examine('hook', () => examineHook(examined)),
    examineNotes(examined, head),
  ]);
  return all.flat();
}

/** What the rest hangs on. What cannot be had is a finding, and whoever needs it says nothing more. */
async function open(env: NodeJS.ProcessEnv): Promise<Pick<Examined, 'settings' | 'trust'> & Broken> {
  let settings: Settings | undefined;
  let trust: LoadedTrust | undefined;
  const inSettings = await examine('settings', async () => {
    const read = readSettings(env);
    const findings = await examineSettings(read);
    settings = read;
    return findings;
  });
  const { trust: choice } = settings === undefined ? {} : parseConfig(settings);
  const inTrust =
    choice === undefined
      ? []
      : await examine('trust', async () => {
          trust = await openTrust(choice, env);
          return [];
        });
  return { settings, trust, broken: [...inSettings, ...inTrust] };
}

interface Broken {
  /** What was found in the settings, and why there is no trust. */
  readonly broken: readonly Finding[];
}

function gitIn(env: NodeJS.ProcessEnv): Examined['git'] {
  return (...args) => {
    try {
      return runGit(args, env).replace(/\n$/, '');
    } catch (error) {
      if (!isSignetError(error)) throw error;
      return undefined;
    }
  };
}

function placeOf(git: Examined['git']): Examined['place'] {
  const isBare = git('rev-parse', '--is-bare-repository');
  if (isBare === undefined) return 'nothing';
  return isBare === 'true' ? 'bare repository' : 'work tree';
}
