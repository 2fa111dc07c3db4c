import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { replaceSentences } from '../../scripts/lib/sentences.mjs';
import { splitObject } from '../../src/core/gitObject.ts';
import { run } from '../run.ts';
import { sharedPath } from '../shared.ts';
import { root } from './repository.ts';

const folder = mkdtempSync(join(tmpdir(), 'signet-sentences-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('sentences of refusals', () => {
  it('leave a number behind, with the values that stand in them', () => {
    const sentences: string[] = [];
    const source =
      "function f(n: number) { throw new SignetError('usage', `there are ${n} too many`, 'Leave some of them out.'); }";
    const result = replaceSentences(source, sentences);
    expect(result).toBe(
      "function f(n: number) { throw new SignetError('usage', __sentence(0, n), __sentence(1)); }",
    );
    expect(sentences).toEqual(['there are {} too many', 'Leave some of them out.']);
  });

  it('stay where they are said without a refusal', () => {
    const source = "function f() { return describe('this is said of good ones too'); }";
    expect(replaceSentences(source, [])).toBe(source);
  });

  it('keep a refusal a refusal where their file is gone, and say so', async () => {
    const relative = { SIGNET_TRUSTED_ROOT: 'trusted_root.json' };
    const outcome = await verify(Buffer.from('no signature'), Buffer.from('payload'), relative);
    expect(outcome.code).toBe(2);
    expect(outcome.stdout).toMatch(/^\[GNUPG:\] ERRSIG /m);
    expect(outcome.stderr).toMatch(/refusal \d+ \(sentences.json is missing/);
  });

  it.skipIf(!sharedPath('corpus/examples.jsonl'))(
    'are not needed for a good signature (needs ../shared/corpus)',
    async () => {
      const [line = ''] = readFileSync(sharedPath('corpus/examples.jsonl') ?? '', 'utf8').split('\n');
      const raw = Buffer.from(JSON.parse(line).raw_base64, 'base64');
      const { payload, signature = new Uint8Array() } = splitObject(raw, 'commit', 'sha1');
      const outcome = await verify(signature, payload);
      expect(outcome.code).toBe(0);
      expect(outcome.stderr).not.toMatch(/refusal/);
    },
  );
});

/** What git's verifying call loads, alone in a folder, without its sentences. */
async function verify(signature: Uint8Array, payload: Uint8Array, settings: NodeJS.ProcessEnv = {}) {
  for (const name of ['main.cjs', 'cli-callFacts.cjs', 'trusted_root.json'])
    copyFileSync(join(root, 'dist', name), join(folder, name));
  writeFileSync(join(folder, 'signature'), signature);
  const args = [join(folder, 'main.cjs'), '--status-fd=1', '--verify', join(folder, 'signature'), '-'];
  const env = { PATH: process.env['PATH'], HOME: folder, SIGNET_NO_GIT_CONFIG: '1', ...settings };
  return run(process.execPath, args, { env, input: payload });
}
