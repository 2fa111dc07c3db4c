import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Installed, installTarball, npm } from './install.ts';

const ALICE = 'alice@example.com';

let installed: Installed;
let repo: string;
let state: string;
let status: { readonly url: string };
let settings: Readonly<Record<string, string>>;

/** The installed program against an embedded Sigstore of its own, in a home without anything. */
beforeAll(() => {
  installed = installTarball();
  repo = join(installed.folder, 'repo');
  state = join(installed.folder, 'sandbox');
  mkdirSync(repo);
  run('git', ['init', '-q', '-b', 'main']);
  run('git', ['config', 'user.name', 'Alice']);
  run('git', ['config', 'user.email', ALICE]);
  run('git-signet', ['sandbox', 'start', '--state', state]);
  status = JSON.parse(run('git-signet', ['sandbox', 'status', '--state', state, '--json']));
  settings = JSON.parse(run('git-signet', ['sandbox', 'env', '--state', state, '--json']));
  for (const [key, value] of Object.entries(settings)) run('git', ['config', '--local', key, value]);
}, 180_000);

afterAll(() => {
  run('git-signet', ['sandbox', 'stop', '--state', state]);
  rmSync(installed.folder, { recursive: true, force: true });
});

function run(program: string, args: readonly string[], extra: NodeJS.ProcessEnv = {}): string {
  const options = { cwd: repo, env: { ...installed.env, ...extra }, encoding: 'utf8' as const };
  const { status: code, stdout, stderr } = spawnSync(program, args, options);
  if (code !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${code}: ${stderr}`);
  return stdout;
}

async function idToken(): Promise<string> {
  const answer = await fetch(`${status.url}/oidc/sandbox/token`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email: ALICE }),
  });
  return ((await answer.json()) as { id_token: string }).id_token;
}

describe('the installed program', () => {
  test('signs a commit that git then verifies, and refuses a changed copy of it', async () => {
    const env = { SIGSTORE_ID_TOKEN: await idToken() };
    run('git', ['commit', '-q', '--allow-empty', '-S', '-m', 'signed'], env);
    run('git', ['verify-commit', 'HEAD']);
    expect(run('git', ['log', '-1', '--format=%G? %GS'])).toMatch(/^U alice@example\.com \(http/);

    const changed = run('git', ['cat-file', 'commit', 'HEAD']).replace(/signed\n$/, 'forged\n');
    const options = { cwd: repo, env: installed.env, input: changed, encoding: 'utf8' as const };
    const forged = execFileSync('git', ['hash-object', '-t', 'commit', '-w', '--stdin'], options).trim();
    expect(run('git', ['log', '-1', '--format=%G?', forged])).toBe('B\n');
    expect(spawnSync('git', ['verify-commit', forged], options).status).not.toBe(0);
  });
});

describe('the installed library', () => {
  test('signs a payload that it then verifies, and refuses a changed copy of it', async () => {
    const project = join(installed.folder, 'project');
    mkdirSync(project);
    writeFileSync(join(project, 'package.json'), '{ "private": true, "type": "module" }');
    npm(['install', installed.tarball], project, installed.home);
    writeFileSync(join(project, 'sign.js'), LIBRARY_USER);
    const input = {
      cwd: project,
      env: { ...installed.env, ID_TOKEN: await idToken() },
      encoding: 'utf8' as const,
    };
    const output = execFileSync(process.execPath, ['sign.js', JSON.stringify(settings)], input);
    expect(JSON.parse(output)).toEqual(['good', ALICE, 'bad', ['timestamp'], 'config']);
  });
});

const LIBRARY_USER = `
import { loadTrust, NO_POLICY, sign, verifyObject } from 'git-signet';
const settings = JSON.parse(process.argv[2]);
const trust = loadTrust(settings['signet.trustedRoot']);
const head = 'tree 4b825dc642cb6eb9a060e54bf8d69288fbee4904\\nauthor A <a@example.com> 1 +0000\\n'
  + 'committer A <a@example.com> 1 +0000\\n';
const services = { fulcioUrl: settings['signet.fulcio'], rekorUrl: settings['signet.rekor'] };
const payload = Buffer.from(head + '\\nsigned\\n');
const { armored } = await sign(payload, { idToken: process.env.ID_TOKEN, trust, ...services });
const header = 'gpgsig ' + armored.trimEnd().replaceAll('\\n', '\\n ') + '\\n';
const judge = (text) => verifyObject(Buffer.from(head + header + text), 'commit', 'sha1', trust, NO_POLICY);
const good = judge('\\nsigned\\n');
const url = settings['signet.fulcio'];
const v2 = { fulcioUrl: url, rekorUrl: url + '/rekor2', rekorVersion: 2 };
const stamped = { ...v2, timestampServerUrl: url + '/tsa/api/v1/timestamp' };
const { verdict } = await sign(payload, { idToken: process.env.ID_TOKEN, trust, ...stamped });
const untimed = await sign(payload, { idToken: process.env.ID_TOKEN, trust, ...v2 }).catch(({ code }) => code);
const forged = judge('\\nforged\\n').status;
const sources = verdict.times.map(({ source }) => source);
console.log(JSON.stringify([good.status, good.signer.identity.subject.value, forged, sources, untimed]));
`;
