/** A bare repository with the hook, and a clone of a person who pushes there by `file://`. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { Call, World } from './world.ts';

export interface Server {
  readonly bare: string;
  readonly clone: string;
  /** The commit that brought the policy. */
  readonly introduction: string;
  git(args: readonly string[], options?: Call): Promise<string>;
  /** Writes the files, commits them signed as somebody (`undefined`: not signed) and gives the commit. */
  commit(
    who: string | undefined,
    files?: Readonly<Record<string, string>>,
    more?: readonly string[],
  ): Promise<string>;
  push(...refspecs: string[]): Promise<Pushed>;
  /** Sets a policy that an editor has signed, without asking the hook. */
  onServer(...args: string[]): Promise<string>;
}

export interface Pushed {
  readonly code: number | null;
  readonly stderr: string;
  /** Reasons in the report, in order. */
  readonly reasons: readonly string[];
}

export interface People {
  /** The environment in which somebody signs. */
  as(email: string): Promise<NodeJS.ProcessEnv>;
  readonly issuer: string;
  readonly instance: string;
}

/** Tokens are made once each: a credential lasts ten minutes. */
export async function findPeople(world: World): Promise<People> {
  const tokens = new Map<string, Promise<string>>();
  const as = async (email: string): Promise<NodeJS.ProcessEnv> => {
    const token = tokens.get(email) ?? world.idToken(email);
    tokens.set(email, token);
    return { SIGSTORE_ID_TOKEN: await token };
  };
  await world.git(['commit', '-q', '-S', '--allow-empty', '-m', 'first'], {
    env: await as('alice@example.com'),
  });
  const { stdout } = await world.signet(['verify', 'HEAD', '--format', 'json'], { mayFail: true });
  const { signer } = JSON.parse(stdout).objects[0];
  return { as, issuer: signer.issuer, instance: signer.instance };
}

/** The policy file with the sandbox's own names at its start. */
export function policyText({ instance }: People, text: string): string {
  return `version = 1\ninstance = ["${instance}"]\n${text}`;
}

let servers = 0;

/** The policy is introduced by Alice and pushed to main. */
export async function makeServer(world: World, people: People, policy: string): Promise<Server> {
  const name = `server-${++servers}`;
  const clone = await world.makeRepo(name);
  const bare = join(world.folder, `${name}.git`);
  const git: Server['git'] = async (args, options = {}) =>
    (await world.git(args, { cwd: clone, ...options })).stdout.trim();
  await world.git(['init', '-q', '--bare', '-b', 'main', bare]);
  const onServer: Server['onServer'] = async (...args) =>
    (await world.git(args, { cwd: bare })).stdout.trim();
  await onServer('config', 'signet.trustedRoot', await git(['config', 'signet.trustedRoot']));
  await git(['remote', 'add', 'origin', `file://${bare}`]);
  const commit: Server['commit'] = async (who, files = {}, more = []) => {
    for (const [path, text] of Object.entries(files)) writeFileSync(join(clone, path), text);
    await git(['add', '-A']);
    const sign = who === undefined ? '--no-gpg-sign' : '-S';
    const env = who === undefined ? {} : await people.as(`${who}@example.com`);
    await git(['commit', '-q', sign, '--allow-empty', '-m', `by ${who ?? 'nobody'}`, ...more], { env });
    return git(['rev-parse', 'HEAD']);
  };
  const introduction = await commit('alice', { '.signet.toml': policy });
  await world.signet(['hook', 'install', '--introduction', introduction], { cwd: bare });
  const server: Server = {
    bare,
    clone,
    introduction,
    git,
    commit,
    onServer,
    push: async (...refspecs) => {
      const { code, stderr } = await world.git(['push', 'origin', ...refspecs], {
        cwd: clone,
        mayFail: true,
      });
      const lines = stderr.split('\n').map((line) => line.replace(/^remote: ?/, '').trimEnd());
      const reasons = lines.flatMap(
        (line) => /^ {2}(?:[0-9a-f]{10}(?: ".*")? {2})?([a-zA-Z-]+) {2}/.exec(line)?.[1] ?? [],
      );
      return { code, stderr, reasons };
    },
  };
  expect((await server.push('main')).stderr).not.toMatch(/git-signet/);
  return server;
}
