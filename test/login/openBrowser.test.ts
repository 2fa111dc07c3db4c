import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { browserPossible, openBrowser } from '../../src/adapters/browser.ts';
import { childEnvironment } from '../../src/adapters/childEnvironment.ts';
import { findProgram } from '../../src/adapters/findProgram.ts';

const URL_TO_OPEN = 'https://issuer.example/auth?a=1&b=$(touch%20owned);c&state=x';
const linuxOnly = it.skipIf(process.platform !== 'linux');

let root: string;
let bin: string;
let repository: string;
const cwd = process.cwd();
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'signet-browser-'));
  bin = join(root, 'bin');
  repository = join(root, 'repository');
  mkdirSync(bin);
  mkdirSync(repository);
});
afterEach(() => {
  process.chdir(cwd);
  rmSync(root, { recursive: true, force: true });
});

/** A program that notes its arguments, environment and what its standard streams are. */
function program(folder: string, name: string): string {
  const path = join(folder, name);
  const note = join(root, `${name}.note`);
  const script = [
    '#!/bin/sh',
    'streams=$(for fd in 0 1 2; do /bin/readlink "/proc/$$/fd/$fd"; done)',
    `{ echo "argc $#"; echo "url $1"; echo 'in ${folder}'; echo "$streams"; /usr/bin/env; } > '${note}.new'`,
    `/bin/mv '${note}.new' '${note}'`,
  ];
  writeFileSync(path, script.join('\n'));
  chmodSync(path, 0o755);
  return path;
}

async function noted(name: string, withinMs = 5_000): Promise<string | undefined> {
  const note = join(root, `${name}.note`);
  for (const end = Date.now() + withinMs; Date.now() < end; ) {
    if (existsSync(note)) return readFileSync(note, 'utf8');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return undefined;
}

describe('opening a browser', () => {
  linuxOnly('gives xdg-open the URL, no stream of ours and no token', async () => {
    program(bin, 'xdg-open');
    const before = { ...process.env };
    const secrets = {
      SIGNET_ID_TOKEN: 's1-secret',
      SIGSTORE_ID_TOKEN: 's2-secret',
      ACTIONS_ID_TOKEN_REQUEST_TOKEN: 's3-secret',
      ACTIONS_ID_TOKEN_REQUEST_URL: 's4-secret',
    };
    Object.assign(process.env, secrets);
    try {
      const env = { ...secrets, PATH: bin, DISPLAY: ':7', HOME: root };
      expect(await openBrowser(URL_TO_OPEN, env)).toBe(true);
      expect(process.env['SIGNET_ID_TOKEN']).toBe('s1-secret');
    } finally {
      for (const name of Object.keys(secrets)) delete process.env[name];
    }
    expect(process.env).toEqual(before);
    const note = await noted('xdg-open');
    expect(note).toContain(`argc 1\nurl ${URL_TO_OPEN}\nin ${bin}\n`);
    expect(note?.match(/^\/dev\/null$/gm)).toHaveLength(3);
    expect(note).toContain('DISPLAY=:7');
    expect(note).not.toContain('secret');
  });

  linuxOnly('never runs a program of the current folder', async () => {
    program(repository, 'xdg-open');
    program(repository, 'evil');
    process.chdir(repository);
    const display = { DISPLAY: ':7', HOME: root };
    for (const path of [
      '.',
      '',
      `.${delimiter}`,
      '../repository',
      repository,
      `./${delimiter}${repository}/.`,
    ]) {
      const env = { ...display, PATH: path };
      expect(browserPossible(env), path).toBe(false);
      expect(await openBrowser(URL_TO_OPEN, env), path).toBe(false);
      expect(browserPossible({ ...env, BROWSER: 'evil' }), path).toBe(false);
    }
    expect(await noted('xdg-open', 200)).toBeUndefined();

    program(bin, 'xdg-open');
    expect(
      await openBrowser(URL_TO_OPEN, { ...display, PATH: `.${delimiter}${repository}${delimiter}${bin}` }),
    ).toBe(true);
    const note = await noted('xdg-open');
    expect(note).toContain(`in ${bin}\n`);
    expect(note).toContain(`PATH=${bin}\n`);
  });

  linuxOnly('starts what BROWSER names, by path or by name, without a shell', async () => {
    const path = program(bin, 'my-browser');
    for (const BROWSER of [path, 'my-browser']) {
      expect(await openBrowser(URL_TO_OPEN, { BROWSER, PATH: bin, SIGSTORE_ID_TOKEN: 'secret' })).toBe(true);
      const note = await noted('my-browser');
      expect(note).toContain(`argc 1\nurl ${URL_TO_OPEN}\n`);
      expect(note).not.toContain('secret');
      rmSync(join(root, 'my-browser.note'));
    }
    expect(await openBrowser(URL_TO_OPEN, { BROWSER: join(bin, 'absent'), PATH: bin })).toBe(false);
    expect(existsSync(join(root, 'owned'))).toBe(false);
  });

  it('opens web pages only', async () => {
    const path = program(bin, 'my-browser');
    for (const url of ['file:///etc/passwd', 'javascript:alert(1)', '--help', 'HTTPS']) {
      expect(await openBrowser(url, { BROWSER: path, PATH: bin })).toBe(false);
    }
    expect(await noted('my-browser', 200)).toBeUndefined();
  });
});

describe('whether a browser is possible', () => {
  linuxOnly('takes a display and an opener, and no CI', () => {
    program(bin, 'xdg-open');
    expect(browserPossible({ PATH: bin, DISPLAY: ':0' })).toBe(true);
    expect(browserPossible({ PATH: bin, WAYLAND_DISPLAY: 'wayland-0' })).toBe(true);
    expect(browserPossible({ PATH: bin, DISPLAY: ':0', CI: 'false' })).toBe(true);
    expect(browserPossible({ PATH: bin })).toBe(false);
    expect(browserPossible({ PATH: root, DISPLAY: ':0' })).toBe(false);
    expect(browserPossible({ PATH: bin, DISPLAY: ':0', CI: 'true' })).toBe(false);
    expect(browserPossible({ PATH: bin, DISPLAY: ':0', TF_BUILD: 'True' })).toBe(false);
  });

  linuxOnly('goes by BROWSER first', () => {
    program(bin, 'my-browser');
    program(bin, 'xdg-open');
    expect(browserPossible({ PATH: bin, BROWSER: 'my-browser' })).toBe(true);
    expect(browserPossible({ PATH: bin, BROWSER: 'my-browser', CI: '1' })).toBe(true);
    expect(browserPossible({ PATH: bin, BROWSER: 'absent' })).toBe(false);
    expect(browserPossible({ PATH: bin, BROWSER: 'none', DISPLAY: ':0' })).toBe(false);
  });
});

describe('finding a program', () => {
  linuxOnly('takes the first executable file of an absolute folder', () => {
    const path = program(bin, 'tool');
    writeFileSync(join(repository, 'tool'), '');
    mkdirSync(join(root, 'folders', 'tool'), { recursive: true });
    const PATH = [repository, join(root, 'folders'), join(root, 'absent'), bin].join(delimiter);
    expect(findProgram('tool', { PATH })).toBe(path);
    expect(findProgram('absent', { PATH })).toBeUndefined();
    expect(findProgram('tool', {})).toBeUndefined();
    for (const name of ['', '../bin/tool', './tool', path])
      expect(findProgram(name, { PATH })).toBeUndefined();
  });

  linuxOnly('knows the current folder under any name', () => {
    program(repository, 'tool');
    symlinkSync(repository, join(root, 'alias'));
    expect(findProgram('tool', { PATH: join(root, 'alias') })).toBe(join(root, 'alias', 'tool'));
    process.chdir(repository);
    expect(findProgram('tool', { PATH: join(root, 'alias') })).toBeUndefined();
  });
});

describe('the environment of a child', () => {
  it('has everything but tokens and what asks for them', () => {
    const kept = {
      PATH: '/bin',
      HOME: '/root',
      SIGNET_FULCIO_URL: 'https://f',
      SIGNET_OIDC_ISSUER: 'https://i',
      EMPTY: '',
    };
    const secret = {
      SIGNET_ID_TOKEN: 'x',
      SIGSTORE_ID_TOKEN: 'x',
      MYAUDIENCE_ID_TOKEN: 'x',
      ID_TOKEN: 'x',
      ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'x',
      ACTIONS_ID_TOKEN_REQUEST_URL: 'x',
      CIRCLE_OIDC_TOKEN: 'x',
      CIRCLE_OIDC_TOKEN_V2: 'x',
      BUILDKITE_AGENT_ACCESS_TOKEN: 'x',
      CF_OIDC_REQUEST_TOKEN: 'x',
      SYSTEM_ACCESSTOKEN: 'x',
      sigstore_id_token: 'x',
    };
    const env = { ...kept, ...secret };
    expect(childEnvironment(env)).toEqual(kept);
    expect(env.SIGSTORE_ID_TOKEN).toBe('x');
  });
});
