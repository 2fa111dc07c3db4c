#!/usr/bin/env node
// Stands in for a person in front of a browser: opens the URL in headless Chromium, types an e-mail address into
// the sandbox's login page, and keeps pictures of what was seen. Named by BROWSER in the demo and in tests.
//   SIGNET_DEMO_EMAIL        whom to log in as
//   SIGNET_DEMO_VISITS       file that gets a line for each visit (optional)
//   SIGNET_DEMO_SCREENSHOTS  folder for login.png and done.png (optional)
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { launchChromium } from './chromium.mjs';

const [url] = process.argv.slice(2);
const email = process.env.SIGNET_DEMO_EMAIL ?? 'alice@example.com';
const folder = process.env.SIGNET_DEMO_SCREENSHOTS;
if (process.env.SIGNET_DEMO_VISITS) appendFileSync(process.env.SIGNET_DEMO_VISITS, 'visit\n');

const browser = await launchChromium();
const deadline = setTimeout(() => process.exit(1), 60_000);
try {
  const page = await browser.newPage({ viewport: { width: 900, height: 640 } });
  await page.goto(url);
  const consent = page.getByRole('link', { name: /continue/i });
  if (await consent.count()) await consent.click();
  await page.getByLabel(/e-?mail/i).fill(email);
  if (folder) await page.screenshot({ path: join(folder, 'login.png') });
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/auth\/callback/);
  await page.waitForLoadState();
  if (folder) await page.screenshot({ path: join(folder, 'done.png') });
} finally {
  await browser.close();
  clearTimeout(deadline);
}
