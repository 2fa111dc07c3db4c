/** A runner of GitHub Actions, as far as `action.yml` and its output go: inputs, the environment, commands in the log. */
import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parse } from 'yaml';
import { type Ended, start } from './process.ts';
import type { World } from './world.ts';

const ROOT = resolve(import.meta.dirname, '../..');

export const ACTION = parse(readFileSync(join(ROOT, 'action.yml'), 'utf8')) as {
  readonly inputs: Readonly<Record<string, { readonly required?: boolean; readonly default?: string }>>;
  readonly outputs: Readonly<Record<string, unknown>>;
  readonly runs: { readonly using: string; readonly main: string };
};

export interface Job {
  readonly workspace: string;
  readonly event: string;
  readonly payload: unknown;
  readonly inputs?: Readonly<Record<string, string>>;
  readonly env?: NodeJS.ProcessEnv;
}

export interface JobEnd extends Ended {
  /** What the runner takes for commands to it, as `name title data`. */
  readonly commands: readonly string[];
  readonly outputs: Readonly<Record<string, string>>;
  readonly summary: string;
}

/** Runs what `action.yml` says, with the variables that a runner sets. */
export async function runAction(world: World, job: Job): Promise<JobEnd> {
  const { event, payload, workspace } = job;
  const files = makeFiles(world);
  writeFileSync(files.event, typeof payload === 'string' ? payload : JSON.stringify(payload));
  const env: NodeJS.ProcessEnv = {
    ...world.env,
    ...inputsOf(job.inputs ?? {}),
    ...githubEnvironment(event, files.event),
    GITHUB_WORKSPACE: workspace,
    GITHUB_OUTPUT: files.output,
    GITHUB_STEP_SUMMARY: files.summary,
    RUNNER_TEMP: files.folder,
    ...job.env,
  };
  const main = resolve(ROOT, ACTION.runs.main);
  const ended = await start(process.execPath, [main], { cwd: workspace, env }).ended;
  const read = (path: string): string => (existsSync(path) ? readFileSync(path, 'utf8') : '');
  const pairs = read(files.output).trimEnd().split('\n').filter(Boolean);
  return {
    ...ended,
    // The two streams are read side by side; a line of either may be a command.
    commands: [...commandsIn(ended.stdout), ...commandsIn(ended.stderr)],
    outputs: Object.fromEntries(pairs.map((line) => line.split(/=(.*)/s).slice(0, 2))),
    summary: read(files.summary),
  };
}

/** docs.github.com, default environment variables. */
export function githubEnvironment(event: string, path: string): NodeJS.ProcessEnv {
  return {
    CI: 'true',
    GITHUB_ACTIONS: 'true',
    GITHUB_EVENT_NAME: event,
    GITHUB_EVENT_PATH: path,
    GITHUB_SERVER_URL: 'https://github.com',
    GITHUB_REPOSITORY: 'acme/app',
  };
}

function makeFiles(world: World) {
  const folder = join(world.folder, `runner-${randomUUID()}`);
  mkdirSync(folder);
  const file = (name: string): string => join(folder, name);
  return { folder, event: file('event.json'), output: file('output'), summary: file('summary.md') };
}

/** `INPUT_` and the name in capitals, blanks as underscores; what is not given has its default. */
function inputsOf(given: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  const unknown = Object.keys(given).filter((name) => ACTION.inputs[name] === undefined);
  if (unknown.length > 0) throw new Error(`action.yml has no input ${unknown}`);
  const values = Object.entries(ACTION.inputs).map(([name, { default: standard = '' }]) => [
    `INPUT_${name.replaceAll(' ', '_').toUpperCase()}`,
    given[name] ?? standard.replace('${{ github.token }}', 'ghs_runner'),
  ]);
  return Object.fromEntries(values);
}

/**
 * The runner's ActionCommand: `::name properties::data` at the start of a trimmed line, the older `##[name]data` anywhere
 * in it; none of them between `stop-commands` and its mark.
 */
export function commandsIn(log: string): readonly string[] {
  const found: string[] = [];
  let stopped: string | undefined;
  for (const line of log.split(/\r\n|\r|\n/)) {
    const [, name, properties = '', data = ''] =
      /^\s*::([^\s:]+)(?: (.*?))?::(.*)$/.exec(line) ??
      /##\[([^\s\]]+)(?: ([^\]]*))?\](.*)$/.exec(line) ??
      [];
    if (name === undefined) continue;
    if (stopped !== undefined) {
      if (name === stopped) stopped = undefined;
    } else if (name === 'stop-commands') stopped = data;
    else found.push([name, properties, data].join(' '));
  }
  if (stopped !== undefined) throw new Error('commands are still stopped at the end');
  return found;
}
