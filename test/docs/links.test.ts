import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { DOCUMENTS, proseOf, ROOT, readDocument } from './markdown.ts';

test.each(DOCUMENTS)('all relative links of %s lead somewhere', (name) => {
  expect(deadLinks(name, readDocument(name))).toEqual([]);
});

test('a dead link would be found', () => {
  const text =
    '[a](docs/nothing.md) [b](#no-such-heading) [c](docs/signing.md#nowhere) [d](https://example.com/x)';
  expect(deadLinks('README.md', text)).toEqual([
    'docs/nothing.md',
    '#no-such-heading',
    'docs/signing.md#nowhere',
  ]);
});

function deadLinks(name: string, markdown: string): readonly string[] {
  const targets = [...proseOf(markdown).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target);
  return targets.filter((target) => !/^https?:/.test(target) && !leadsSomewhere(name, target));
}

function leadsSomewhere(name: string, target: string): boolean {
  const [path = '', anchor] = target.split('#');
  const file = path === '' ? join(ROOT, name) : join(ROOT, dirname(name), path);
  if (!existsSync(file)) return false;
  return anchor === undefined || anchorsOf(readFileSync(file, 'utf8')).includes(anchor);
}

/** As code hosts make them of headings. */
function anchorsOf(markdown: string): readonly string[] {
  return [...proseOf(markdown).matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-'),
  );
}
