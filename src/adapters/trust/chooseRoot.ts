/** The trusted root of a TUF cache, or one with parts replaced. Loaded only where there is one, or a setting asks. */
import { isSignetError, SignetError } from '../../errors.ts';
import { type CacheState, readState, readTarget } from '../tuf/cache.ts';
import { EMBEDDED_ROOTS, mirrorFolder, PUBLIC_MIRROR, SHIPPED_SINCE } from '../tuf/mirrors.ts';
import type { TrustChoice } from './choice.ts';
import { type LoadedTrust, type RootFile, readRootFile } from './loadTrust.ts';
import { toWishes } from './wishes.ts';

/** The file that the settings choose, to be parsed; or trust where parts were replaced. Throws `no-trust`. */
export async function chooseRoot(
  choice: TrustChoice,
  env: NodeJS.ProcessEnv,
): Promise<RootFile | LoadedTrust> {
  const wishes = toWishes(choice);
  const { mirror, replacements, timestampChain } = wishes;
  const cached = choice.file === undefined ? cachedRoot(mirror, env) : undefined;
  const root = cached ?? readRootFile(choice.file);
  if (replacements.length === 0 && timestampChain === undefined) return root;
  const { replaceParts } = await import('./replaceParts.ts');
  return replaceParts(root, wishes);
}

/** What TUF brought; undefined where the shipped root is as good. */
function cachedRoot(mirror: string | undefined, env: NodeJS.ProcessEnv): RootFile | undefined {
  const folder = mirrorFolder(env, mirror ?? PUBLIC_MIRROR);
  try {
    const state = folder === undefined ? undefined : readState(folder);
    if (folder !== undefined && state !== undefined && (mirror !== undefined || replacesShipped(state))) {
      const bytes = readTarget(folder, 'trusted_root', state.trustedRoot);
      return { bytes, path: folder, proven: state.proven };
    }
  } catch (error) {
    if (!isSignetError(error)) throw error;
    throw new SignetError(
      'no-trust',
      `The trust material in ${folder} cannot be used: ${error.message}.`,
      'Run git-signet trust update; if that does not help, remove the folder.',
      error,
    );
  }
  if (mirror === undefined) return undefined;
  throw new SignetError(
    'no-trust',
    `Nothing was ever fetched from ${mirror}, which signet.trustMirror names.`,
    `Run git-signet trust init --mirror ${mirror} --root FILE.`,
  );
}

/** Nobody chose it: only what was verified from a root of ours, and is not older than the shipped one. */
export function replacesShipped({ initialRoot, refreshedAt }: CacheState): boolean {
  return EMBEDDED_ROOTS.includes(initialRoot) && Date.parse(refreshedAt) >= Date.parse(SHIPPED_SINCE);
}
