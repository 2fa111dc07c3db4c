/** What the documents say that the code says too. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { SETTINGS } from '../../src/cli/commands/config.ts';
import { ISSUER_ALIASES } from '../../src/core/policy/issuers.ts';
import { EXIT } from '../../src/errors.ts';
import { OWN_KINDS, parseFaults, SERVICES, TRANSPORT_KINDS } from '../../src/sandbox/faults.ts';
import { filesBelow } from '../arch/repository.ts';
import { blocksOf, codesOf, DOCUMENTS, ROOT, readDocument, tableOf } from './markdown.ts';

const packageJson = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));

describe('docs/configuration.md', () => {
  const markdown = readDocument('docs/configuration.md');

  test('lists every setting with its variable and default', () => {
    const rows = tableOf(markdown, 'setting', 'variable', 'default');
    const documented = rows.map(([key = '', variable = '', standard = '']) =>
      [key, variable, standard].map(bare),
    );
    expect(documented).toEqual(SETTINGS.map(({ key, env, standard }) => [key, env, standard]));
  });

  test('lists every short name for an issuer', () => {
    const rows = tableOf(markdown, 'short name', 'issuer');
    expect(Object.fromEntries(rows.map((row) => row.map(bare)))).toEqual(ISSUER_ALIASES);
  });
});

test('docs/verifying.md lists every exit code', () => {
  const rows = tableOf(readDocument('docs/verifying.md'), 'exit', 'meaning');
  expect(rows.map(([exit]) => Number(exit))).toEqual(Object.values(EXIT));
});

test('docs/signing.md quotes errors as they are', () => {
  const source = filesBelow('src')
    .map((file) => readFileSync(join(ROOT, file), 'utf8'))
    .join('\n');
  const rows = tableOf(readDocument('docs/signing.md'), 'it says', 'do this');
  const ours = rows
    .flatMap(([says = '']) => codesOf(says))
    .filter((text) => !text.startsWith('error: gpg failed'));
  const parts = ours.flatMap((text) => text.split('…')).map((part) => part.trim());
  expect(parts.filter((part) => part.length > 7).length).toBeGreaterThan(8);
  expect(parts.filter((part) => !source.includes(part))).toEqual([]);
});

test('docs/sandbox.md lists every fault, with the services that have it', () => {
  const rows = tableOf(readDocument('docs/sandbox.md'), '`service`', '`kind`');
  const documented = rows.flatMap(([services = '', kinds = '']) =>
    codesOf(kinds.replace(/\([^)]*\)/g, '')).flatMap((kind) =>
      codesOf(services).map((service) => ({ service, kind })),
    ),
  );
  const known = SERVICES.flatMap((service) =>
    [...TRANSPORT_KINDS, ...OWN_KINDS[service]].map((kind) => ({ service, kind })),
  );
  const inOrder = (faults: readonly object[]) => faults.map((fault) => JSON.stringify(fault)).toSorted();
  expect(inOrder(documented)).toEqual(inOrder(known));
  expect(parseFaults(documented)).toEqual(documented);
});

test('docs/architecture.md holds the digest of the shipped trusted root', () => {
  const shipped = readFileSync(join(ROOT, 'src/adapters/trust/trusted_root.json'));
  const digest = createHash('sha256').update(shipped).digest('hex');
  expect(blocksOf(readDocument('docs/architecture.md')).map(({ text }) => text)).toContain(digest);
});

test('README.md gives a reason for every dependency', () => {
  const rows = tableOf(readDocument('README.md'), 'package', 'used', 'why');
  const documented = rows.flatMap(([packages = '']) => codesOf(packages));
  const { dependencies, devDependencies } = packageJson;
  expect(documented.toSorted()).toEqual(
    [...Object.keys(dependencies), ...Object.keys(devDependencies)].toSorted(),
  );
  const shipped = rows
    .filter(([, used]) => used === 'shipped')
    .flatMap(([packages = '']) => codesOf(packages));
  expect(shipped).toEqual(Object.keys(dependencies));
});

test('README.md says rightly where each dependency is used', () => {
  const rows = tableOf(readDocument('README.md'), 'package', 'used', 'why');
  const claims = rows.flatMap(([packages = '', used = '']) =>
    codesOf(packages).map((name) => [name, used] as const),
  );
  const wrong = claims.filter(([name, used]) => !name.startsWith('@types/') && used !== usersOf(name));
  expect(wrong.map(([name, used]) => `${name}: ${used}, in truth ${usersOf(name)}`)).toEqual([]);
});

test('README.md installs what npm pack makes', () => {
  const install = `npm install --global ./${packageJson.name}-${packageJson.version}.tgz`;
  expect(readDocument('README.md')).toContain(`\`npm pack\` and \`${install}\``);
});

describe('commands in the documents', () => {
  const mentioned = [...new Set(DOCUMENTS.flatMap((name) => commandsIn(readDocument(name))))];

  test('are found', () => {
    expect(mentioned).toEqual(
      expect.arrayContaining(['login --hold', 'sandbox start --port', 'setup --no-sign']),
    );
  });

  test.each(mentioned)('git-signet %s exists', (command) => {
    expect(isKnown(command)).toBe(true);
  });

  test.each(['frobnicate', 'login --frobnicate', 'sandbox login'])(
    'git-signet %s would be noticed',
    (command) => {
      expect(isKnown(command)).toBe(false);
    },
  );

  test.each(['scripts/demo', 'scripts/test', 'scripts/bench', 'scripts/bench-throughput.mjs', '.ci/run'])(
    '%s is there',
    (path) => {
      expect(DOCUMENTS.some((name) => readDocument(name).includes(path))).toBe(true);
      expect(readFileSync(join(ROOT, path), 'utf8')).not.toBe('');
    },
  );
});

/** Who names the package in an import, or at least in quotes (programs that scripts start). */
function usersOf(name: string): string {
  if (Object.hasOwn(packageJson.dependencies, name)) return 'shipped';
  const quoted = new RegExp(`['"]${name}(/[^'"]*)?['"]`);
  const files = ['src', 'test', 'scripts']
    .flatMap(filesBelow)
    .filter((file) => /\.(ts|mjs)$/.test(file) && !file.startsWith('test/arch') && importsIn(file, quoted));
  if (files.some((file) => file.startsWith('src/') && !file.startsWith('src/sandbox/'))) return 'bundled';
  if (files.some((file) => file.startsWith('src/sandbox/'))) return 'sandbox';
  const builds = ['build', 'lib/lazy', 'lib/licenses', 'lib/sentences', 'lib/types'].map(
    (name) => `scripts/${name}.mjs`,
  );
  if (files.some((file) => builds.includes(file))) return 'build';
  return files.length > 0 ? 'tests' : 'nowhere';
}

function importsIn(file: string, quoted: RegExp): boolean {
  return readFileSync(join(ROOT, file), 'utf8')
    .split('\n')
    .some((line) => /\b(import|from|bin)\b/.test(line) && quoted.test(line));
}

function bare(cell: string): string {
  return cell.replaceAll('`', '');
}

/** `login --hold` for each `git-signet login --hold` in code, whatever follows; git's own calls aside. */
function commandsIn(markdown: string): readonly string[] {
  const code = [...codesOf(markdown), ...blocksOf(markdown).flatMap(({ text }) => text.split('\n'))];
  const pattern = /\bgit-signet ((?:(?:sandbox|trust|policy|hook) )?[a-z-]+)((?: [^\s|;)']+)*)/g;
  return code.flatMap((line) =>
    line.startsWith('git-signet: ')
      ? []
      : [...line.matchAll(pattern)].flatMap(([, command = '', rest = '']) => {
          const own = rest.split(' -- ')[0] ?? '';
          const options = [...own.matchAll(/ (--[a-z-]+)/g)].map(([, option]) => `${command} ${option}`);
          return command.startsWith('-') ? [] : [command, ...options];
        }),
  );
}

function isKnown(command: string): boolean {
  const words = command.split(' ').filter((word) => !word.startsWith('--'));
  const option = /--(?:no-)?([a-z-]+)/.exec(command)?.[1];
  const help = helpOf(words);
  return help !== undefined && (option === undefined || help.includes(`--${option}`));
}

/** Undefined where the help is that of a wider command, because there is none of this name. */
function helpOf(words: readonly string[]): string | undefined {
  const command = words.join(' ');
  const program = join(ROOT, 'bin/git-signet.cjs');
  const text =
    HELP.get(command) ?? execFileSync(process.execPath, [program, ...words, '--help'], { encoding: 'utf8' });
  HELP.set(command, text);
  return text.startsWith(`git-signet ${command}`) ? text : undefined;
}

/** By command: each is asked for once, whatever is mentioned of it. */
const HELP = new Map<string, string>();
