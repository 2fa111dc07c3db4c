import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';

/** The root of the repository. */
export const root = resolve(import.meta.dirname, '../..');

/** The program as somebody has it who installed the tarball into an empty prefix with an empty HOME. */
export interface Installed {
  /** Everything lies below; the test removes it. */
  readonly folder: string;
  readonly tarball: string;
  /** Paths inside the tarball. */
  readonly files: readonly string[];
  readonly home: string;
  /** The folder that holds the `git-signet` command. */
  readonly bin: string;
  /** An environment without anything of the caller's but PATH, with `bin` first. */
  readonly env: NodeJS.ProcessEnv;
}

/** Packs what is built and installs it as `npm i -g` does. */
export function installTarball(): Installed {
  const folder = mkdtempSync(join(tmpdir(), 'signet-package-'));
  const home = join(folder, 'home');
  const prefix = join(folder, 'prefix');
  for (const path of [home, prefix]) mkdirSync(path);
  const packed = JSON.parse(
    npm(['pack', '--ignore-scripts', '--json', '--pack-destination', folder], root, home),
  );
  const tarball = join(folder, packed[0].filename);
  npm(['install', '--global', '--prefix', prefix, tarball], folder, home);
  const bin = join(prefix, 'bin');
  const env = {
    HOME: home,
    PATH: [bin, dirname(process.execPath), '/usr/local/bin', '/usr/bin', '/bin'].join(delimiter),
    GIT_CONFIG_NOSYSTEM: '1',
  };
  return {
    folder,
    tarball,
    files: packed[0].files.map((file: { path: string }) => file.path),
    home,
    bin,
    env,
  };
}

/** Runs npm with an empty HOME, but with the caller's cache and settings, such as a mirror. */
export function npm(args: readonly string[], cwd: string, home: string): string {
  const settings = ['--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error'];
  return execFileSync('npm', [...args, ...settings], {
    cwd,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      HOME: home,
      npm_config_cache: npmConfig('cache'),
      npm_config_userconfig: npmConfig('userconfig') || join(homedir(), '.npmrc'),
    },
  });
}

function npmConfig(key: string): string {
  return execFileSync('npm', ['config', 'get', key, '--loglevel=error'], { encoding: 'utf8' }).trim();
}
