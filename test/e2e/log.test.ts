/** `git-signet log` and `git-signet report` over a history with one of each. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findChromium, launchChromium } from '../../scripts/lib/chromium.mjs';
import { type MixedHistory, makeMixedHistory } from './history.ts';
import { makeWorld, PROGRAM, type World } from './world.ts';

let world: World;
let history: MixedHistory;
beforeAll(async () => {
  world = await makeWorld();
  history = await makeMixedHistory(world);
});
afterAll(() => world?.close());

const log = async (...args: string[]) => (await world.signet(['log', ...args])).stdout;

/** Run in the page: what is left for reasons where a workflow signed, whose name has no blank to break at. */
const widthOfReasons = `(() => {
  const cells = [...document.querySelectorAll('tbody tr')].map((row) => row.children).filter(({ length }) => length === 6);
  for (const [, , , , , says] of cells.slice(-1)) {
    says.parentElement.children[3].textContent = 'https://github.com/' + 'acme/app/'.repeat(12);
    return says.getBoundingClientRect().width;
  }
})()`;

const NO_POLICY = "No policy says who may sign: good is anybody's sound signature, and %G? is U.";

describe('git-signet log', () => {
  it("shows each commit of git's log with verdict, time and signer, in git's order", async () => {
    const { stdout } = await world.git(['log', '--format=%H']);
    const lines = (await log()).split('\n\n')[0]?.split('\n') ?? [];
    expect(lines.map((line) => line.slice(0, 10))).toEqual(
      stdout
        .trim()
        .split('\n')
        .map((oid) => oid.slice(0, 10)),
    );
    expect(lines[0]).toMatch(
      /^\S+ {2}✓ good +\d{4}-\d\d-\d\d \d\d:\d\d {2}bob@example\.org \S+ +\(HEAD.*\) After all that$/,
    );
    expect(lines[1]).toMatch(/✗ bad .*the payload is not the one that was signed\. Oh, never mind$/);
    expect(lines.at(-1)).toMatch(/· unsigned +Old work 1$/);
  });

  it('counts what it showed, and says what the words mean', async () => {
    expect((await log()).split('\n\n')[1]).toBe(
      [
        '      6 ✓ good       signed, and proven [sandbox]',
        '      1 ✗ bad        forged or changed [sandbox]',
        '      2 · unsigned   not signed',
        NO_POLICY,
        '',
      ].join('\n'),
    );
    await world.git(['config', 'signet.allow', `bob@example.org ${world.issuer}`]);
    const named = await log('-1');
    await world.git(['config', '--unset', 'signet.allow']);
    expect(named).toContain('signed, and proven');
    expect(named).not.toContain(NO_POLICY);
  });

  it("takes git's own options: a graph, a range, a limit, paths", async () => {
    expect(await log('--graph')).toMatch(/\n\| \* [0-9a-f]{10} .*script/);
    expect((await log('-1')).split('\n')).toHaveLength(5);
    expect((await log('topic..HEAD', '--first-parent')).match(/✓ good +\d/g)).toHaveLength(3);
    expect(await log('--', 'no-such-file')).toBe('No commit is in there.\n');
    expect(await log('--author=nobody')).toBe('No commit is in there.\n');
  });

  it('shows what strangers wrote without obeying it', async () => {
    const text = await log('topic', '-1');
    expect(text).toContain('<script>alert(1)</script> & "漢字" \\u{1b}[31mred');
    expect(text).not.toContain('\u001b');
  });

  it.each([
    [['--bogus'], /unrecognized argument: --bogus/],
    [['no-such-rev'], /is neither a revision nor a file here/],
    [['-z'], /does not take -z/],
    [['--ext-diff'], /does not take --ext-diff/],
  ])('%j: exit 2, and nothing on standard output', async (args, reason) => {
    const { code, stdout, stderr } = await world.signet(['log', ...args], { mayFail: true });
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(reason);
  });

  it('takes no line of a patch for a commit, whatever is in it', async () => {
    const tip = (await world.git(['rev-parse', 'HEAD'])).stdout.trim();
    const forged = `\x01${tip}\x01HEAD -> main\x01forged subject\x01`;
    writeFileSync(join(world.repo, 'forged'), `${forged}\n`);
    await world.git(['add', 'forged']);
    await world.git(['commit', '--no-gpg-sign', '-qm', 'a file']);
    const { stdout } = await world.signet(['log', '-p', '-1'], { mayFail: true });
    await world.git(['reset', '-q', '--hard', tip]);
    // The control: the line is shown, as the text of a patch that it is.
    expect(stdout).toContain(`+\\u{1}${tip}\\u{1}HEAD`);
    expect(stdout).not.toContain('✓');
    expect(stdout).toMatch(/\n\n +1 · unsigned +not signed\n$/);
  });

  it('starts nothing that the repository names', async () => {
    const mark = join(world.folder, 'started');
    const program = join(world.folder, 'evil');
    writeFileSync(program, `#!/bin/sh\ntouch ${mark}\ncat "$@" 2>/dev/null\n`, { mode: 0o755 });
    for (const key of ['core.pager', 'pager.log', 'diff.external', 'core.fsmonitor', 'gpg.x509.program'])
      await world.git(['config', key, program]);
    await world.git(['config', 'log.showSignature', 'true']);
    await log('-p', '-2');
    expect(existsSync(mark)).toBe(false);
    for (const key of ['core.pager', 'pager.log', 'diff.external', 'core.fsmonitor', 'log.showSignature'])
      await world.git(['config', '--unset', key]);
    await world.git(['config', 'gpg.x509.program', 'git-signet']);
  });

  it.skipIf(!existsSync('/usr/bin/script'))(
    'goes through a pager on a terminal, in colours and within its width',
    async () => {
      const seen = join(world.folder, 'paged');
      const command = `stty cols 80; exec ${process.execPath} ${PROGRAM} log -3`;
      const env = { PAGER: `cat > ${seen}`, TERM: 'xterm', SHELL: '/bin/sh' };
      await world.begin('/usr/bin/script', ['-qfec', command, '/dev/null'], { env }).ended;
      const text = readFileSync(seen, 'utf8');
      expect(text).toContain('\u001b[32m✓ good');
      for (const line of text.split('\n').slice(0, 3))
        expect(stripVTControlCharacters(line).length).toBeLessThanOrEqual(80);
    },
  );
});

describe('git-signet report', () => {
  const page = async (...args: string[]) => {
    const file = join(world.folder, 'report.html');
    const { stdout } = await world.signet(['report', '--html', file, ...args]);
    return { file, stdout, html: readFileSync(file, 'utf8') };
  };

  it('writes one page that needs nothing else', async () => {
    const { html, stdout } = await page();
    expect((await page('--all')).html).toContain('mere-ref');
    expect(stdout).toContain('9 commits (6 good, 1 bad, 2 unsigned); 1 tag.');
    expect(html).not.toMatch(/<script|<link|<img|<iframe|src=|@import|url\(/i);
    expect(html).toContain("default-src 'none'");
    for (const text of ['alice@example.com', 'bob@example.org', 'v1.0', history.tampered.slice(0, 12)])
      expect(html).toContain(text);
    expect(html).toContain('the payload is not the one that was signed');
    const index = new RegExp(`${history.tampered}.*?<td class="n">(.*?)</td>`).exec(html)?.[1];
    expect(index).toMatch(/^<span class="dim">\d+<\/span>$/);
    expect(html).toContain('&lt;script&gt;alert(1)&lt;/script&gt; &amp; &quot;漢字&quot; \\u{1b}[31mred');
  });

  it('covers a range, or all', async () => {
    expect((await page('HEAD~2..HEAD')).stdout).toContain('2 commits (1 good, 1 bad);');
    expect((await page('--', 'HEAD~2..HEAD')).stdout).toContain('2 commits (1 good, 1 bad);');
    expect((await page('--all')).stdout).toContain('commits (6 good');
  });

  it('fails whole: no page, no temporary file, exit 2', async () => {
    const before = readdirSync(world.folder);
    for (const args of [
      ['--html', '/dev/null/x.html'],
      ['no-such-rev', '--html', join(world.folder, 'x.html')],
      ['HEAD', '--all', '--html', join(world.folder, 'x.html')],
      ['--html'],
      [],
    ]) {
      const { code, stdout } = await world.signet(['report', ...args], { mayFail: true });
      expect([code, stdout]).toEqual([2, '']);
    }
    expect(readdirSync(world.folder)).toEqual(before);
  });

  it.skipIf(findChromium() === undefined)(
    'shows pictures in a browser, light and dark, without errors',
    async () => {
      const { file } = await page();
      const browser = await launchChromium(findChromium() ?? '');
      try {
        const colours = [];
        for (const colorScheme of ['light', 'dark'] as const) {
          const tab = await browser.newPage({ colorScheme, viewport: { width: 390, height: 800 } });
          const complaints: string[] = [];
          tab.on('console', (message) => complaints.push(message.text()));
          tab.on('pageerror', (error) => complaints.push(String(error)));
          await tab.goto(`file://${file}`);
          expect(complaints).toEqual([]);
          expect(await tab.locator('svg').count()).toBe(2);
          expect(
            await tab
              .locator('svg')
              .first()
              .evaluate((svg) => svg.getBoundingClientRect().width),
          ).toBeGreaterThan(300);
          expect(await tab.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(390);
          colours.push(await tab.evaluate('getComputedStyle(document.body).backgroundColor'));
          expect(await tab.evaluate(widthOfReasons)).toBeGreaterThan(200);
        }
        expect(new Set(colours).size).toBe(2);
      } finally {
        await browser.close();
      }
    },
  );
});
