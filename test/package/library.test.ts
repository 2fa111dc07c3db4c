import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Installed, installTarball, npm, root } from './install.ts';

/** What somebody writes against the library; `IMPORT` is the module system's own way to get it. */
const CONSUMER = `IMPORT
const trust: signet.Trust = signet.loadTrust();
const verdict: signet.Verdict = signet.verifyObject(Buffer.from('no object'), 'commit', 'sha1', trust, signet.NO_POLICY);
function explain(v: signet.Verdict): string {
  switch (v.status) {
    case 'good': return v.signer.identity.subject.value + v.signedAt.toISOString();
    case 'untrusted': return v.reason + String(v.revoked);
    case 'unproven': case 'bad': case 'unreadable': return v.reason;
  }
}
// @ts-expect-error a verdict cannot be made up
const wrong: signet.Verdict = { status: 'fine' };
let code = '';
try { signet.loadTrust('/nowhere/trusted_root.json'); } catch (e) { if (signet.isSignetError(e)) code = e.code; }
console.log(JSON.stringify([verdict.status, explain(verdict) !== '', code, typeof signet.sign, typeof wrong]));
`;

let installed: Installed;
let project: string;

beforeAll(() => {
  installed = installTarball();
  project = join(installed.folder, 'project');
  mkdirSync(project);
  writeFileSync(join(project, 'package.json'), '{ "private": true }');
  npm(['install', installed.tarball], project, installed.home);
}, 240_000);

afterAll(() => rmSync(installed.folder, { recursive: true, force: true }));

describe.each([
  ['ES modules', 'mts', `import * as signet from 'git-signet';`],
  ['CommonJS', 'cts', `import signet = require('git-signet');`],
])('the library for %s', (_, extension, importing) => {
  test('has types that check, and answers', () => {
    const source = join(project, `consumer.${extension}`);
    writeFileSync(source, CONSUMER.replace('IMPORT', importing));
    typeCheckAndEmit(source);
    const output = execFileSync(process.execPath, [source.replace(/ts$/, 'js')], {
      cwd: project,
      env: installed.env,
      encoding: 'utf8',
    });
    expect(JSON.parse(output)).toEqual(['unreadable', true, 'no-trust', 'function', 'object']);
  });
});

test('both module systems get the same classes', () => {
  const script = `import('git-signet').then((m) => console.log(m.SignetError === require('git-signet').SignetError))`;
  const output = execFileSync(process.execPath, ['-e', script], {
    cwd: project,
    env: installed.env,
    encoding: 'utf8',
  });
  expect(output.trim()).toBe('true');
});

/** With every check on, declarations of the library included. */
function typeCheckAndEmit(source: string): void {
  const options = [
    '--strict',
    '--skipLibCheck',
    'false',
    '--exactOptionalPropertyTypes',
    '--target',
    'es2022',
  ];
  const types = ['--types', 'node', '--typeRoots', join(root, 'node_modules/@types')];
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  execFileSync(process.execPath, [tsc, '--module', 'nodenext', ...options, ...types, source], {
    cwd: project,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
}
