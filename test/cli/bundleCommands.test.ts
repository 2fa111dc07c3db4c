/** The commands that `git-signet bundle` shows people to copy. */
import { describe, expect, test } from 'vitest';
import { commandLines } from '../../src/cli/commands/bundle.ts';

describe('commands to copy', () => {
  const lines = (value: string, issuer = 'https://issuer.example.com', name = 'x') =>
    commandLines({ subject: { type: 'uri', value }, issuer }, name).join('\n');

  test.each([
    'a$(touch x)@example.com',
    'a"; x',
    '`x`',
    "it's",
    '-x',
    'a\nb',
    'é@example.com',
    'a\\b',
    '%PATH%',
    '!x',
    '',
  ])('are not shown for %j, as signer or issuer', (text) => {
    expect(lines(text)).not.toContain('cosign');
    expect(lines('alice@example.com', text)).not.toContain('cosign');
  });

  test("are shown for usual names, with the caller's file name in quotes", () => {
    const workflow = 'https://github.com/o/r/.github/workflows/x.yml@refs/heads/main';
    expect(lines(workflow)).toContain(`--certificate-identity "${workflow}"`);
    expect(lines('alice@example.com', undefined, "it's")).toContain(`'it'\\''s.artifact'`);
  });
});
