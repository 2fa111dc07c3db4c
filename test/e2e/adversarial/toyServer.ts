/** A bare repository with the hook, and a clone whose commits a test makes byte by byte: pushes are git's own. */
import { appendFileSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect } from 'vitest';
import { hookPath, writeHook } from '../../../src/adapters/gate/hookFile.ts';
import type { ObjectFormat } from '../../../src/core/verdict.ts';
import { embed, NOW, sha256, ToySigstore } from '../../core/toySigstore.ts';
import { type Ended, type Start, start } from '../process.ts';
import { team } from '../team.ts';
import { type Call, cleanEnvironment, leftBehind, PROGRAM } from '../world.ts';
import { emailName, endAgents, type Signer, toySigner } from './signers.ts';

export interface ToyWorld {
  readonly folder: string;
  readonly env: NodeJS.ProcessEnv;
  readonly toy: ToySigstore;
  /** Somebody with this address at example.com. */
  readonly alice: Signer;
  readonly bob: Signer;
  readonly mallory: Signer;
  /** First lines of a policy that counts the toy, then the text. */
  policy(text: string): string;
  git(args: readonly string[], options?: Call): Promise<Ended>;
  signet(args: readonly string[], options?: Call): Promise<Ended>;
  makeServer(policy: string, files?: Files, objectFormat?: ObjectFormat): Promise<ToyServer>;
  close(): Promise<void>;
}

/** Texts by path; null removes the file. */
export type Files = Readonly<Record<string, string | null>>;

export interface CommitOptions {
  readonly files?: Files;
  readonly parents?: readonly string[];
  /** What the log says. */
  readonly at?: Date;
  /** `NAME <ADDRESS>` */
  readonly author?: string;
  readonly committer?: string;
  /** What the commit says of its time. */
  readonly claimedTime?: Date;
  readonly message?: string;
  /** Changes the object after it was signed. */
  readonly spoil?: (raw: Buffer) => Buffer;
}

export interface TagOptions {
  readonly target?: string;
  readonly type?: string;
  /** What the tag calls itself. */
  readonly calls?: string;
  readonly spoil?: (raw: Buffer) => Buffer;
}

export interface ToyServer {
  readonly bare: string;
  readonly clone: string;
  /** The commit that brought the policy. */
  readonly introduction: string;
  git(...args: string[]): Promise<string>;
  onServer(...args: string[]): Promise<string>;
  /** Commits what is in the work tree, and moves HEAD there; `undefined`: not signed. */
  commit(by: Signer | undefined, options?: CommitOptions): Promise<string>;
  /** As git merges without conflicts, and `files` on top of it. */
  merge(by: Signer | undefined, other: string, options?: CommitOptions): Promise<string>;
  tag(by: Signer | undefined, name: string, options?: TagOptions): Promise<string>;
  push(...args: string[]): Promise<Pushed>;
  /** Puts something there without asking the hook. */
  smuggle(...refspecs: string[]): Promise<void>;
  /** Runs the hook as git would, without git; `lines` of its standard input. */
  judge(lines: readonly string[], options?: Start): Promise<Ended>;
  /** How the hook is started, in shell; "$judge" is what `hook install` has written. */
  setHook(how?: string): void;
}

export interface Pushed {
  /** git's. */
  readonly code: number | null;
  /** The hook's own; undefined where git did not get so far. */
  readonly hookCode: number | undefined;
  readonly stderr: string;
  /** Reasons in the report, in order. */
  readonly reasons: readonly string[];
}

export function passes({ code, stderr }: Pushed): void {
  expect(code, stderr).toBe(0);
}

/** For these reasons and no others. */
export function refused(pushed: Pushed, ...reasons: string[]): void {
  expect([pushed.reasons, pushed.code, pushed.hookCode], pushed.stderr).toEqual([reasons, 1, 1]);
  expect(pushed.stderr).toContain('pre-receive hook declined');
}

/** Neither good nor bad: exit code 3. */
export function unjudged(pushed: Pushed, ...reasons: string[]): void {
  expect([pushed.reasons, pushed.code, pushed.hookCode], pushed.stderr).toEqual([reasons, 1, 3]);
}

/** Alice edits and signs on main, Bob develops; main takes what Alice merges; tags of releases are signed. */
export const TEAM = team('https://issuer.example');

export function makeToyWorld(): ToyWorld {
  const folder = mkdtempSync(join(tmpdir(), 'signet-gate-'));
  const env = cleanEnvironment(folder);
  const toy = new ToySigstore();
  writeFileSync(join(folder, 'root.json'), toy.trustedRoot());
  const go = async (program: string, args: readonly string[], o: Call = {}): Promise<Ended> => {
    const ended = await start(program, args, { cwd: folder, ...o, env: { ...env, ...o.env } }).ended;
    if (ended.code === 0 || o.mayFail) return ended;
    throw new Error(`${program} ${args.join(' ')}: ${ended.code}\n${ended.stdout}\n${ended.stderr}`);
  };
  const someone = (name: string) => toySigner(toy, { names: [emailName(`${name}@example.com`)] });
  const instance = sha256(toy.root).toString('hex');
  let servers = 0;
  const world: ToyWorld = {
    folder,
    env,
    toy,
    alice: someone('alice'),
    bob: someone('bob'),
    mallory: someone('mallory'),
    policy: (text) => `version = 1\ninstance = ["${instance}"]\n${text}`,
    git: (args, o) => go('git', args, o),
    signet: (args, o) => go(process.execPath, [PROGRAM, ...args], o),
    makeServer: (policy, files = {}, objectFormat = 'sha1') =>
      makeServer(world, { name: `server-${++servers}`, policy, files, objectFormat }),
    close: async () => {
      endAgents(folder);
      const left = await leftBehind(folder);
      rmSync(folder, { recursive: true, force: true });
      expect(left.map(({ argv }) => argv)).toEqual([]);
    },
  };
  return world;
}

interface ServerRequest {
  readonly name: string;
  readonly policy: string;
  readonly files: Files;
  readonly objectFormat: ObjectFormat;
}

/** The policy is introduced by Alice, and on main. */
async function makeServer(
  world: ToyWorld,
  { name, policy, files, objectFormat }: ServerRequest,
): Promise<ToyServer> {
  const clone = join(world.folder, name);
  const bare = join(world.folder, `${name}.git`);
  const format = `--object-format=${objectFormat}`;
  await world.git(['init', '-q', '--bare', '-b', 'main', format, bare]);
  await world.git(['init', '-q', '-b', 'main', format, clone]);
  appendFileSync(
    join(clone, '.git/config'),
    `[user]\nname = Alice\nemail = alice@example.com\n[remote "origin"]\nurl = file://${bare}\nfetch = +refs/heads/*:refs/remotes/origin/*\n`,
  );
  const git: ToyServer['git'] = async (...args) => (await world.git(args, { cwd: clone })).stdout.trim();
  const author = makeAuthor(world, { clone, objectFormat }, git);
  const text = world.policy(policy);
  const introduction = await author.commit(world.alice, {
    parents: [],
    files: { '.signet.toml': text, ...files },
    message: 'introduction',
  });
  writeHook(bare, { node: process.execPath, program: PROGRAM });
  renameSync(hookPath(bare), join(bare, 'hooks/judge'));
  appendFileSync(
    join(bare, 'config'),
    `[core]\nhooksPath = hooks\n[signet]\ntrustedRoot = ${world.folder}/root.json\npolicyRef = refs/heads/main\nintroduction = ${introduction}\n`,
  );
  const server: ToyServer = {
    bare,
    clone,
    introduction,
    git,
    onServer: async (...args) => (await world.git(args, { cwd: bare })).stdout.trim(),
    ...author,
    push: (...args) => pushFrom(world, { bare, clone }, args),
    smuggle: async (...refspecs) => {
      await git('push', '-q', AROUND, 'origin', ...refspecs);
    },
    judge: (lines, options = {}) =>
      start(join(bare, 'hooks/judge'), [], {
        cwd: bare,
        input: lines.map((line) => `${line}\n`).join(''),
        ...options,
        env: { ...world.env, GIT_DIR: '.', ...options.env },
      }).ended,
    setHook: (how = '"$judge"') => writeFileSync(hookPath(bare), wrapper(how), { mode: 0o755 }),
  };
  server.setHook();
  await server.smuggle('main');
  await git('fetch', '-q', 'origin');
  return server;
}

/** Whoever may choose the program on the server goes around every hook: docs/server.md. */
export const AROUND = '--receive-pack=git -c core.hooksPath=/dev/null receive-pack';

/** Keeps the exit code, which git does not tell. */
function wrapper(how: string): string {
  return `#!/bin/sh\njudge="\${0%/*}/judge"\n${how}\ncode=$?\necho $code > hook-exit\nexit $code\n`;
}

/** From any clone whose `origin` is the server. */
export async function pushFrom(
  world: ToyWorld,
  { bare, clone }: Pick<ToyServer, 'bare' | 'clone'>,
  args: readonly string[],
): Promise<Pushed> {
  const noted = join(bare, 'hook-exit');
  rmSync(noted, { force: true });
  const { code, stderr } = await world.git(['push', 'origin', ...args], { cwd: clone, mayFail: true });
  const hookCode = await readFile(noted, 'utf8').then(Number, () => undefined);
  return { code, hookCode, stderr, reasons: reasonsIn(stderr) };
}

/** Of the lines of a report, whoever passes them on. */
export function reasonsIn(stderr: string): readonly string[] {
  const lines = stderr.split('\n').map((line) => line.replace(/^remote: ?/, '').trimEnd());
  return lines.flatMap(
    (line) => /^ {2}(?:[0-9a-f]{10}(?: ".*")? {2})?([a-zA-Z-]+) {2}/.exec(line)?.[1] ?? [],
  );
}

type Author = Pick<ToyServer, 'commit' | 'merge' | 'tag'>;

const WHO = 'Alice <alice@example.com>';
const seconds = (time: Date): string => `${Math.floor(time.getTime() / 1000)} +0000`;

/** Makes objects by git's plumbing, so that nothing in them is git's idea. */
function makeAuthor(
  world: ToyWorld,
  { clone, objectFormat }: { readonly clone: string; readonly objectFormat: ObjectFormat },
  git: ToyServer['git'],
): Author {
  const header = objectFormat === 'sha1' ? 'gpgsig' : 'gpgsig-sha256';
  const store = async (type: string, raw: Uint8Array): Promise<string> => {
    const options = { cwd: clone, input: raw };
    return (
      await world.git(['hash-object', '-t', type, '-w', '--literally', '--stdin'], options)
    ).stdout.trim();
  };
  const commit: ToyServer['commit'] = async (by, options = {}) => {
    const { files, at = NOW, author = WHO, committer = WHO, claimedTime = at, message = 'work' } = options;
    if (files !== undefined) {
      writeFiles(clone, files);
      await git('add', '-A');
    }
    const parents = options.parents ?? [await git('rev-parse', 'HEAD')];
    const payload = Buffer.from(
      [
        `tree ${await git('write-tree')}`,
        ...parents.map((parent) => `parent ${parent}`),
        `author ${author} ${seconds(claimedTime)}`,
        `committer ${committer} ${seconds(claimedTime)}`,
        '',
        `${message}\n`,
      ].join('\n'),
    );
    const raw = by === undefined ? payload : embed(payload, by(payload, at), header);
    const oid = await store('commit', options.spoil?.(raw) ?? raw);
    await git('reset', '-q', '--hard', oid);
    return oid;
  };
  const merge: ToyServer['merge'] = async (by, other, options = {}) => {
    const parents = [await git('rev-parse', 'HEAD'), await git('rev-parse', other)];
    const tree = await git('merge-tree', '--write-tree', ...parents);
    await git('read-tree', '--reset', '-u', tree);
    return commit(by, { parents, message: 'merge', ...options });
  };
  const tag: ToyServer['tag'] = async (by, name, { target = 'HEAD', type, calls = name, spoil } = {}) => {
    const object = await git('rev-parse', target);
    const kind = type ?? (await git('cat-file', '-t', object));
    const payload = Buffer.from(
      `object ${object}\ntype ${kind}\ntag ${calls}\ntagger ${WHO} ${seconds(NOW)}\n\nVersion ${calls}\n`,
    );
    const raw = by === undefined ? payload : Buffer.concat([payload, Buffer.from(by(payload, NOW))]);
    const oid = await store('tag', spoil?.(raw) ?? raw);
    await git('update-ref', `refs/tags/${name}`, oid);
    return oid;
  };
  return { commit, merge, tag };
}

function writeFiles(clone: string, files: Files): void {
  for (const [path, text] of Object.entries(files)) {
    const whole = join(clone, path);
    if (text === null) rmSync(whole);
    else {
      mkdirSync(dirname(whole), { recursive: true });
      writeFileSync(whole, text);
    }
  }
}
