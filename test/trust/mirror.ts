/** A mirror and a person's folder for data, set up for one test. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach } from 'vitest';
import type { CacheState } from '../../src/adapters/tuf/cache.ts';
import { mirrorFolder } from '../../src/adapters/tuf/mirrors.ts';
import { updateTrust } from '../../src/adapters/tuf/update.ts';
import { newRepository, type Repository, serveRepository, sha256 } from './repository.ts';

export const SHIPPED = readFileSync('src/adapters/trust/trusted_root.json');

/** The shipped root with one more field: another file, and as good. */
export function trustedRoot(mark: number): Uint8Array {
  return Buffer.from(JSON.stringify({ ...JSON.parse(SHIPPED.toString()), mark }));
}

export const PATIENCE = { attemptMs: 2_000, totalMs: 8_000, retries: 1, backoffMs: 1 };

const folders: string[] = [];

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** An environment whose home is a folder of its own. */
export function newHome(): { readonly home: string; readonly env: NodeJS.ProcessEnv } {
  const home = mkdtempSync(join(tmpdir(), 'signet-trust-'));
  folders.push(home);
  return { home, env: { HOME: home, PATH: process.env['PATH'], GIT_CONFIG_NOSYSTEM: '1' } };
}

export interface World {
  readonly repository: Repository;
  readonly mirror: string;
  readonly env: NodeJS.ProcessEnv;
  readonly home: string;
  readonly folder: string;
  readonly hits: () => number;
  /** An update from the repository's first root. */
  update(options?: { readonly root?: Uint8Array; readonly signal?: AbortSignal }): Promise<CacheState>;
}

export async function newWorld(
  repository = newRepository({ 'trusted_root.json': trustedRoot(1) }),
): Promise<World> {
  const { url: mirror, hits } = await serveRepository(repository);
  const { home, env } = newHome();
  const folder = mirrorFolder(env, mirror) ?? '';
  const update: World['update'] = ({
    root = repository.firstRoot,
    signal = new AbortController().signal,
  } = {}) =>
    updateTrust({
      mirror,
      folder,
      env,
      initialRoot: { digest: sha256(root), bytes: root },
      patience: PATIENCE,
      signal,
    });
  return { repository, mirror, env, home, folder, hits, update };
}
