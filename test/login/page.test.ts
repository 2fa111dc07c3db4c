import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findChromium, launchChromium } from '../../scripts/lib/chromium.mjs';
import {
  failurePage,
  PAGE_HEADERS,
  type Page,
  strayPage,
  successPage,
} from '../../src/adapters/oidc/page.ts';

const HOSTILE = `"><script>document.title='owned'</script><img src=x onerror="document.title='owned'">'&amp;`;

const pages: Record<string, Page> = {
  success: successPage('alice@example.com', 'https://oauth2.sigstore.dev/auth'),
  failure: failurePage(
    'https://oauth2.sigstore.dev/auth refused the login: access_denied, The resource owner denied the request.',
    'Log in again and allow git-signet to see your e-mail address.',
  ),
  stray: strayPage(400, 'This answer belongs to another login than the one git-signet waits for.'),
  hostile: successPage(HOSTILE, HOSTILE),
};

describe('the page at the end of a login', () => {
  it('escapes whatever it shows', () => {
    for (const page of [
      successPage(HOSTILE, HOSTILE),
      failurePage(HOSTILE, HOSTILE),
      strayPage(400, HOSTILE),
    ]) {
      expect(page.html).not.toMatch(/<script|<img/);
      expect(page.html).toContain('&#60;script&#62;');
    }
    expect(successPage('alice@example.com', 'https://i.example').html).toContain('>alice@example.com<');
  });

  it('makes text visible that would turn the direction of writing', () => {
    expect(successPage('\u202eecila@example.com', 'https://i.example').html).toContain('>\\u{202e}ecila@');
  });

  it('needs no scripts and loads nothing', () => {
    for (const { html } of Object.values(pages)) {
      expect(html).not.toMatch(/<script|<[^>]*\bon[a-z]+=|javascript:|@import|url\(|<[^>]*(src|href)="http/i);
    }
  });

  it('forbids scripts, frames, forms, caches and referrers', () => {
    expect(PAGE_HEADERS['Content-Security-Policy']).toMatch(
      /^default-src 'none'; style-src 'sha256-[\w+/]{43}='/,
    );
    expect(PAGE_HEADERS['Content-Security-Policy']).toContain("frame-ancestors 'none'");
    expect(PAGE_HEADERS['Referrer-Policy']).toBe('no-referrer');
    expect(PAGE_HEADERS['Cache-Control']).toBe('no-store');
  });
});

const executable = findChromium();
describe.skipIf(executable === undefined)(
  `the page in a browser${executable ? '' : ' (no Chromium)'}`,
  () => {
    let server: Server;
    let origin: string;

    beforeAll(async () => {
      server = createServer((request, response) => {
        const page = pages[(request.url ?? '').slice(1)] ?? strayPage(404, 'not here');
        response.writeHead(page.status, PAGE_HEADERS).end(page.html);
      });
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    });
    afterAll(() => new Promise((resolve) => server.close(resolve)));

    it('is styled, quiet on the console, and fits a small screen in light and dark', async () => {
      const browser = await launchChromium(executable ?? '');
      try {
        for (const colorScheme of ['light', 'dark'] as const) {
          const context = await browser.newContext({ colorScheme, viewport: { width: 1100, height: 720 } });
          const page = await context.newPage();
          const complaints: string[] = [];
          const asked: string[] = [];
          page.on('console', (message) => complaints.push(message.text()));
          page.on('request', (request) => asked.push(new URL(request.url()).pathname));
          for (const name of Object.keys(pages)) {
            await page.goto(`${origin}/${name}`);
            await keepScreenshot(name, colorScheme, () => page.screenshot());
            expect(await page.evaluate('getComputedStyle(document.querySelector("main")).maxWidth')).toBe(
              '480px',
            );
            expect(await page.title()).toMatch(/git-signet$/);
          }
          await page.setViewportSize({ width: 320, height: 568 });
          await page.goto(`${origin}/failure`);
          await keepScreenshot('failure-small', colorScheme, () => page.screenshot({ fullPage: true }));
          expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(320);
          expect(complaints.filter((text) => !/status of 400/.test(text))).toEqual([]);
          expect(new Set(asked)).toEqual(new Set(Object.keys(pages).map((name) => `/${name}`)));
          await context.close();
        }
      } finally {
        await browser.close();
      }
    }, 60_000);
  },
);

/** SCREENSHOTS names a folder to look at the pages in; the tests do not compare pictures. */
async function keepScreenshot(name: string, scheme: string, take: () => Promise<Buffer>): Promise<void> {
  const folder = process.env['SCREENSHOTS'];
  const { writeFile } = await import('node:fs/promises');
  const picture = await take();
  if (folder !== undefined && folder !== '') await writeFile(join(folder, `${name}-${scheme}.png`), picture);
}
