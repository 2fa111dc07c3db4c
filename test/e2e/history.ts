/** A repository with one of each: unsigned, by two people, on a side branch, tagged, tampered with, hostile to read. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { World } from './world.ts';

export interface MixedHistory {
  /** The commit whose payload was changed after it was signed. */
  readonly tampered: string;
  readonly tip: string;
}

/** Ten commits and a tag; HEAD is main's tip. */
export async function makeMixedHistory(world: World): Promise<MixedHistory> {
  const [alice, bob] = [await world.idToken('alice@example.com'), await world.idToken('bob@example.org')];
  const git = async (args: readonly string[], token?: string): Promise<string> => {
    const env = token === undefined ? {} : { SIGSTORE_ID_TOKEN: token };
    return (await world.git(args, { env })).stdout.trim();
  };
  const commit = (message: string, token?: string): Promise<string> =>
    git(['commit', '-q', '--allow-empty', token ? '-S' : '--no-gpg-sign', '-m', message], token);
  for (const number of [1, 2]) await commit(`Old work ${number}`);
  for (const number of [1, 2, 3]) await commit(`Parser ${number}`, alice);
  await git(['checkout', '-q', '-b', 'topic', 'HEAD~1']);
  await commit('<script>alert(1)</script> & "漢字" \u001b[31mred', bob);
  await git(['checkout', '-q', '-']);
  await git(['merge', '-q', '-S', '--no-ff', '-m', 'Merge topic', 'topic'], alice);
  await git(['tag', '-s', '-m', 'Version 1', 'v1.0'], alice);
  await git(['tag', 'mere-ref']);
  await commit('Never mind', bob);
  const { stdout } = await world.git(['cat-file', 'commit', 'HEAD']);
  const file = join(world.folder, 'tampered');
  writeFileSync(file, stdout.replace('Never mind', 'Oh, never mind'));
  const tampered = await git(['hash-object', '-t', 'commit', '-w', file]);
  await git(['reset', '-q', '--hard', tampered]);
  await commit('After all that', bob);
  return { tampered, tip: await git(['rev-parse', 'HEAD']) };
}
