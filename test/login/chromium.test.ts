import { mkdtempSync, rmSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { findChromium, launchChromium } from '../../scripts/lib/chromium.mjs';
import { type RunningSandbox, startSandbox } from '../../src/sandbox/sandbox.ts';
import { askedOf, type Desk, instanceAt, makeDesk, startLogin } from './person.ts';

const executable = findChromium();

describe.skipIf(!executable)(`a person with a browser${executable ? '' : ' (no Chromium)'}`, () => {
  let folder: string;
  let sandbox: RunningSandbox;
  let browser: Browser;
  let desk: Desk;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'signet-chromium-'));
    sandbox = await startSandbox({ stateDir: join(folder, 'sandbox') });
    browser = await launchChromium(executable ?? '');
  });
  afterAll(async () => {
    await browser?.close();
    await sandbox?.stop();
    rmSync(folder, { recursive: true, force: true });
  });
  beforeEach(() => {
    desk = makeDesk();
  });
  afterEach(() => desk.clear());

  it('types an address, sees it confirmed, and may close the page', async () => {
    const login = startLogin(instanceAt(sandbox.issuer), {
      env: desk.env,
      clock: () => new Date(),
      terminal: undefined,
    });
    const page = await browser.newPage();
    const requests: string[] = [];
    page.on('request', (request) => requests.push(request.url()));
    await page.goto(await askedOf(desk, login));
    await page.fill('input[name=email]', 'alice@example.com');
    await page.click('button[type=submit]');
    await page.waitForSelector('text=You are logged in');
    const text = await page.innerText('main');
    expect(text).toContain('alice@example.com');
    expect(text).toContain(sandbox.issuer);
    expect(text).toContain('You may close this page and go back to git.');
    const { idToken } = await login.outcome;
    expect(idToken).toMatchObject({ principal: 'alice@example.com', issuer: sandbox.issuer });
    expect(requests.filter((url) => url.includes('favicon') && url.includes('localhost'))).toEqual([]);
    const folderToKeep = process.env['SCREENSHOTS'];
    if (folderToKeep) await writeFile(join(folderToKeep, 'e2e-success.png'), await page.screenshot());
    await page.close();
  }, 30_000);

  it('is told when the login has ended without them', async () => {
    const login = startLogin(instanceAt(sandbox.issuer), {
      env: desk.env,
      clock: () => new Date(Date.now() + 86_400_000),
      terminal: undefined,
    });
    const page = await browser.newPage();
    await page.goto(await askedOf(desk, login));
    await page.fill('input[name=email]', 'alice@example.com');
    await page.click('button[type=submit]');
    await page.waitForSelector('text=The login failed');
    expect(await page.innerText('main')).toContain('check the clock of this computer');
    expect((await login.outcome).error).toMatchObject({ code: 'token-invalid' });
    await page.close();
  }, 30_000);
});
