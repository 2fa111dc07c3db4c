/** Runs the commands of a document as a person would: in one shell, in order, in surroundings of their own. */
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { run } from '../run.ts';
import { type Block, blocksOf, ROOT } from './markdown.ts';

/** A block of commands, with the block of output that stands right after it. */
interface Step {
  readonly block: Block;
  readonly expected: string | undefined;
}

export interface StepResult {
  readonly line: number;
  /** Undefined where it was not reached. */
  readonly output: string | undefined;
  /** Lines that the document shows and that did not come, in this order. */
  readonly missing: readonly string[];
}

export interface DocumentResult {
  readonly code: number | null;
  /** What the shell said beside the steps' own output. */
  readonly stderr: string;
  readonly steps: readonly StepResult[];
}

/**
 * What a document's reader has done before: a sandbox, a repository with a signed commit and a signed tag. Where there
 * is no keychain a process holds the login, so that the documents can show it.
 */
const PREPARED = `
git-signet sandbox start
git init -q -b main prepared && cd prepared
git config user.name Alice && git config user.email alice@example.com
git-signet sandbox env | sh
if git-signet status --json | grep -q '"store": null'; then git-signet login --hold; fi
git commit -q --allow-empty -m 'The first signed commit'
git tag -s -m 'Version 1' v1
mkdir node_modules && ln -s '${ROOT}' node_modules/git-signet
`;

/** Whatever the document left: the login in the keychain, a process that holds it, the sandbox. */
const CLEAN_UP = 'git-signet sandbox run -- git-signet logout; git-signet sandbox stop';

/** Runs all sh blocks; a js block is written to the file that its first line names. */
export async function runDocument(markdown: string, world: 'empty' | 'prepared'): Promise<DocumentResult> {
  const folder = mkdtempSync(join(tmpdir(), 'signet-docs-'));
  const env = surroundings(folder);
  const cwd = join(folder, 'home');
  const steps = stepsOf(markdown);
  const shell = (script: string) =>
    run('bash', ['-eu', '-o', 'pipefail', '-c', script], { cwd, env, timeoutMs: 240_000 });
  try {
    const script = [
      world === 'prepared' ? PREPARED : '',
      ...steps.map((step, i) => toScript(step, i, folder)),
    ];
    const { code, stderr } = await shell(script.join('\n'));
    return { code, stderr, steps: steps.map((step, i) => toResult(step, outputOf(folder, i))) };
  } finally {
    await run('bash', ['-c', CLEAN_UP], { cwd, env });
    rmSync(folder, { recursive: true, force: true });
  }
}

function surroundings(folder: string): NodeJS.ProcessEnv {
  const [bin, home] = [join(folder, 'bin'), join(folder, 'home')];
  for (const path of [bin, home]) mkdirSync(path);
  chmodSync(folder, 0o700);
  symlinkSync(join(ROOT, 'bin/git-signet.cjs'), join(bin, 'git-signet'));
  return {
    PATH: `${bin}${delimiter}${process.env['PATH']}`,
    HOME: home,
    XDG_RUNTIME_DIR: folder,
    GIT_CONFIG_NOSYSTEM: '1',
    LANG: 'C.UTF-8',
    TZ: 'UTC',
    BROWSER: join(ROOT, 'scripts/lib/loginBrowser.mjs'),
    SIGNET_DEMO_EMAIL: 'alice@example.com',
  };
}

function stepsOf(markdown: string): readonly Step[] {
  const blocks = blocksOf(markdown);
  return blocks.flatMap((block, i) => {
    if (block.language !== 'sh' && block.language !== 'js') return [];
    const next = blocks[i + 1];
    const expected =
      block.language === 'sh' && next?.language === 'text' && follows(block, next) ? next.text : undefined;
    return [{ block, expected }];
  });
}

/** Nothing but one empty line between the two. */
function follows(block: Block, next: Block): boolean {
  return next.line === block.line + block.text.split('\n').length + 3;
}

function toScript({ block }: Step, index: number, folder: string): string {
  if (block.language === 'sh') return `{\n${block.text}\n} > '${join(folder, `step${index}`)}' 2>&1`;
  const name = /^\/\/ ([\w.]+)$/m.exec(block.text)?.[1] ?? 'unnamed.mjs';
  const source = join(folder, `source${index}`);
  writeFileSync(source, `${block.text}\n`);
  return `cp '${source}' ${name} && : > '${join(folder, `step${index}`)}'`;
}

function outputOf(folder: string, index: number): string | undefined {
  try {
    return readFileSync(join(folder, `step${index}`), 'utf8');
  } catch {
    return undefined;
  }
}

function toResult({ block, expected }: Step, output: string | undefined): StepResult {
  return {
    line: block.line,
    output,
    missing: expected === undefined ? [] : missingLines(expected, output ?? ''),
  };
}

/** The lines of `shown` that do not occur in `output` in their order. `…` stands for anything. */
export function missingLines(shown: string, output: string): readonly string[] {
  const lines = output.split('\n').map(withoutChance);
  let at = 0;
  return shown.split('\n').filter((line) => {
    if (line === '') return false;
    const pattern = toPattern(withoutChance(line));
    const found = lines.findIndex((candidate, i) => i >= at && pattern.test(candidate));
    if (found >= 0) at = found + 1;
    return found < 0;
  });
}

function toPattern(line: string): RegExp {
  const parts = line.split('…').map((part) => part.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`);
}

/** Ports, object ids and times differ from run to run; so do the widths of columns. */
function withoutChance(line: string): string {
  return line
    .trimEnd()
    .replaceAll(/127\.0\.0\.1:\d+/g, '127.0.0.1:PORT')
    .replaceAll(/\b[0-9a-f]{40}\b/g, 'ID')
    .replaceAll(/^[0-9a-f]{7,12} /g, 'ID ')
    .replaceAll(/\d{4}-\d\d-\d\d( \d\d:\d\d:\d\d)?/g, 'TIME')
    .replaceAll(/(?<=\S) {2,}/g, '  ');
}
