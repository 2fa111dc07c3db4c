import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { readPolicyFile } from '../../src/adapters/policy/outsidePolicy.ts';
import { isSignetError } from '../../src/errors.ts';

const folder = mkdtempSync(join(tmpdir(), 'signet-outside-'));
afterAll(() => rmSync(folder, { recursive: true }));

const POLICY = 'version = 1\n[signers]\nalice = { email = "alice@example.com", issuer = "github" }\n';

/** A policy file of this many bytes. */
function write(bytes: number): string {
  const path = join(folder, `${bytes}.toml`);
  writeFileSync(path, `${POLICY}#`.padEnd(bytes, 'x'));
  return path;
}

function refusal(path: string): string {
  try {
    readPolicyFile(path);
  } catch (error) {
    if (!isSignetError(error) || error.code !== 'config') throw error;
    return `${error.message} ${error.hint}`;
  }
  throw new Error('it was read');
}

test('a policy of 256 KiB is read, and of one byte more refused by its size', () => {
  expect(readPolicyFile(write(256 << 10)).signers.map(({ name }) => name)).toEqual(['alice']);
  const path = write((256 << 10) + 1);
  expect(refusal(path)).toMatch(/ is larger than 256 KiB\. Check signet\.policy\.$/);
});

test('one that is not there, or wrong, says which and where', () => {
  const absent = join(folder, 'absent.toml');
  expect(refusal(absent)).toContain(`${absent} cannot be read (ENOENT).`);
  const wrong = join(folder, 'wrong.toml');
  writeFileSync(wrong, POLICY.replace('version = 1', 'version = 2'));
  expect(refusal(wrong)).toContain(`${wrong}:1:`);
});
