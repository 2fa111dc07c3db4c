/** Node, git, and the program that git would start: it should be this one. */
import { spawnSync } from 'node:child_process';
import { accessSync, constants, realpathSync, statSync } from 'node:fs';
import { delimiter, isAbsolute, join, resolve } from 'node:path';
import { childEnvironment } from '../../adapters/childEnvironment.ts';
import { loadCached } from '../../adapters/codeCache.ts';
import { searchPathName } from '../../adapters/findProgram.ts';
import { programFile } from '../ownName.ts';
import { VERSION } from '../version.ts';
import { type Examined, type Finding, ok, warn, wrong } from './finding.ts';

/** package.json: engines. */
const OLDEST_NODE = '20.19';
/** readConfig.ts: --show-scope. */
const OLDEST_GIT = '2.26';

export function examineNode({ env }: Pick<Examined, 'env'>): readonly Finding[] {
  const { version } = process;
  if (isOlder(version.slice(1), OLDEST_NODE))
    return [wrong('node', `Node ${version} is too old.`, `Install Node ${OLDEST_NODE} or later.`)];
  const slow = ['NODE_OPTIONS', 'NODE_EXTRA_CA_CERTS'].filter((name) => env[name]);
  if (slow.length > 0)
    return [
      warn(
        'node',
        `Node ${version}; ${slow.join(' and ')} ${slow.length > 1 ? 'make' : 'makes'} each start slower.`,
        'Set it for the programs only that need it.',
      ),
    ];
  return [ok('node', `Node ${version}`)];
}

export function examineGit({ git }: Pick<Examined, 'git'>): readonly Finding[] {
  const version = /\d+(?:\.\d+)+/.exec(git('--version') ?? '')?.[0];
  if (version === undefined)
    return [wrong('git', 'git cannot be run.', 'Install git, or add its folder to PATH.')];
  if (isOlder(version, OLDEST_GIT))
    return [wrong('git', `git ${version} is too old.`, `Install git ${OLDEST_GIT} or later.`)];
  return [ok('git', `git ${version}`)];
}

/** V8's compiled form of what git's calls load counts only for this Node and these bundles. */
export function examineCodeCache(): readonly Finding[] {
  const folder = import.meta.dirname;
  const missing = ['main', 'sign'].filter((name) => loadCached(join(folder, `${name}.cjs`)) === undefined);
  if (missing.length === 0) return [ok('code cache', 'made for this Node')];
  return [
    warn(
      'code cache',
      'There is none for this Node, so that each start takes longer.',
      `Run git-signet setup as whoever owns ${folder}`,
    ),
  ];
}

/** Which kind of signatures git makes, and unasked or not. */
export function examineSigning({ git, place }: Examined): readonly Finding[] {
  const format = git('config', '--get', 'gpg.format') ?? 'openpgp';
  const isOn = (key: string) => git('config', '--type=bool', '--get', key) === 'true';
  if (format !== 'x509') {
    const text = `gpg.format is ${format}: git does not sign with git-signet here.`;
    if (place === 'bare repository') return [ok('signing', 'not set up, nor needed in a bare repository')];
    return [warn('signing', text, 'Run git-signet setup, with --global for all repositories')];
  }
  const [commits, tags] = [isOn('commit.gpgSign'), isOn('tag.gpgSign')];
  if (commits && tags) return [ok('signing', 'commits and tags are signed unasked')];
  const rest = commits ? 'tags with git tag -s' : tags ? 'commits with git commit -S' : 'with -S and -s';
  return [
    ok('signing', commits || tags ? `${commits ? 'commits' : 'tags'} unasked, ${rest}` : `only ${rest}`),
  ];
}

/** Looks for it as git does, which is not how we look for programs. */
export function examineProgram(examined: Examined): readonly Finding[] {
  const { git } = examined;
  const [scope, value] = git('config', '--show-scope', '--get', 'gpg.x509.program')?.split('\t') ?? [];
  if (value === undefined || value === '') {
    const text = 'gpg.x509.program is not set: git starts gpgsm for what git-signet signs.';
    if (git('config', '--get', 'gpg.format') === 'x509') return [wrong('program', text, SETUP)];
    if (examined.place === 'bare repository')
      return [ok('program', 'not set, nor needed in a bare repository')];
    return [warn('program', text, SETUP)];
  }
  const path = locate(value, examined);
  if (path === undefined)
    return [wrong('program', `git cannot start ${value}, which gpg.x509.program names.`, SETUP)];
  const ours = realpathSync(programFile());
  if (realpathSync(path) === ours) return [ok('program', `${path}, this version: ${VERSION}`)];
  return [examineOther(path, scope ?? '', examined.env)];
}

const SETUP = 'Run git-signet setup, with --global for all repositories';

/** One that the repository itself names is not started only to ask for its version. */
function examineOther(path: string, scope: string, env: NodeJS.ProcessEnv): Finding {
  if (scope === 'local' || scope === 'worktree')
    return warn(
      'program',
      `git starts ${path}, which this repository names; it is not this program.`,
      'See git config --local gpg.x509.program, or run git-signet setup',
    );
  const { stdout } = spawnSync(path, ['--version'], {
    env: childEnvironment(env),
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
    timeout: ASKING_MS,
    maxBuffer: 1 << 16,
  });
  const said = (stdout ?? '').split('\n')[0]?.slice(0, 60) ?? '';
  if (/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(said))
    return warn('program', `git starts another git-signet, ${path}: ${said}; this is ${VERSION}.`, SETUP);
  return wrong('program', `git starts ${path}, which is not git-signet (it says "${said}").`, SETUP);
}

const ASKING_MS = 5_000;

/** A name is looked for on the PATH; a path is as seen from the root of the work tree, and git knows no `~` there. */
function locate(value: string, { env, git }: Examined): string | undefined {
  const isPath = /[/\\]/.test(value);
  const root = git('rev-parse', '--show-toplevel') ?? '.';
  const folders = isPath ? [root] : (env[searchPathName(env)] ?? '').split(delimiter).map((f) => f || '.');
  const endings = process.platform === 'win32' ? ['', '.exe', '.cmd'] : [''];
  const paths = folders.flatMap((folder) =>
    endings.map((ending) => (isAbsolute(value) ? value : resolve(folder, value)) + ending),
  );
  return paths.find(canStart);
}

function canStart(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/** By the numbers, as far as the second has any. */
function isOlder(version: string, than: string): boolean {
  const [have, want] = [version, than].map((text) =>
    text.split('.').map((part) => Number.parseInt(part, 10)),
  );
  for (const [i, least] of (want ?? []).entries()) {
    const number = have?.[i] ?? 0;
    if (number !== least) return number < least;
  }
  return false;
}
