/**
 * Brings trust material up to date from its TUF repository. The client workflow of the TUF specification is
 * tuf-js'; here is what it leaves open: it works on a copy, so the cache never holds half an update, one process
 * at a time does it for all, and nothing replaces a newer version.
 */
import { hash } from 'node:crypto';
import { copyFileSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TargetFile, Updater } from 'tuf-js';
import {
  MAX_TRUSTED_ROOT_BYTES,
  MAX_TUF_ROOT_BYTES,
  MAX_TUF_SNAPSHOT_BYTES,
  MAX_TUF_TARGETS_BYTES,
  MAX_TUF_TIMESTAMP_BYTES,
  type Patience,
} from '../../core/limits.ts';
import { type CertificateAuthority, parseTrustedRoot } from '../../core/trustedRoot.ts';
import { isSignetError, SignetError } from '../../errors.ts';
import { withLock } from '../lock.ts';
import { type Deadline, deadlineIn } from '../retry.ts';
import { type CacheState, readState, readTarget, STATE_FILE, type TargetName, targetFile } from './cache.ts';
import { type TufFetcher, tufFetcher, tufService } from './fetcher.ts';
import { clearTargets, keepingFailure, makeWorkFolder, openMirrorFolder, writeWhole } from './folder.ts';
import { expiryOf, METADATA, metadataFolder, publishMetadata } from './metadata.ts';
import { believedFailure } from './refusedMetadata.ts';

export interface UpdateRequest {
  readonly mirror: string;
  /** The mirror's folder. */
  readonly folder: string;
  readonly env: NodeJS.ProcessEnv;
  /** The root.json to begin with where nothing was verified from it yet. */
  readonly initialRoot: { readonly digest: string; readonly bytes: Uint8Array | undefined };
  readonly patience: Patience;
  readonly signal: AbortSignal;
}

/**
 * Returns the new state. Whoever waited for another process takes its result. Throws SignetError: `service-…`
 * where the repository cannot be reached or believed, `config` where nothing can be kept.
 */
export async function updateTrust(request: UpdateRequest): Promise<CacheState> {
  const { folder, env, patience, signal, initialRoot } = request;
  const startedAt = Date.now();
  const deadline = deadlineIn(patience.totalMs, signal);
  openMirrorFolder(folder);
  const name = `tuf-${hash('sha256', folder, 'hex').slice(0, 16)}`;
  return withLock(env, name, { timeoutMs: patience.totalMs / 2, signal }, async () => {
    const others = stateOrNone(folder);
    const isFresh = others !== undefined && Date.parse(others.refreshedAt) >= startedAt;
    if (isFresh && others.initialRoot === initialRoot.digest) return others;
    const work = makeWorkFolder(folder);
    try {
      return await updateIn(work, request, deadline);
    } finally {
      rmSync(work, { recursive: true, force: true });
    }
  });
}

/** A state that cannot be used is no state: an update is what repairs it. */
export function stateOrNone(folder: string): CacheState | undefined {
  try {
    return readState(folder);
  } catch {
    return undefined;
  }
}

async function updateIn(work: string, request: UpdateRequest, deadline: Deadline): Promise<CacheState> {
  const { mirror, folder, initialRoot, patience } = request;
  const kept = metadataFolder(folder, initialRoot.digest);
  const service = tufService(mirror);
  const fetcher = tufFetcher(service, { patience, deadline, folder: work });
  let known = false;
  try {
    known = seed(work, kept, initialRoot.bytes, mirror);
    const updater = openUpdater(work, mirror, fetcher);
    await updater.refresh();
    const trustedRoot = await requireTarget(updater, 'trusted_root', 'trusted_root.json', { work, folder });
    if (trustedRoot === undefined) throw new Error('it has no trusted_root.json');
    const config = await requireTarget(updater, 'signing_config', 'signing_config.v0.2.json', {
      work,
      folder,
    });
    const proven = isProven(trustedRoot);
    return publish(request, work, { trustedRoot, config, proven });
  } catch (error) {
    // What was verified until then keeps an older version from coming back.
    if (known) publishMetadata(work, kept);
    if (isSignetError(error)) throw error;
    throw fetcher.failure() ?? keepingFailure(folder, error) ?? believedFailure(service, error, work);
  }
}

/** Copies what was verified before. Returns whether there was any; else the root to begin with has to do. */
function seed(work: string, kept: string, initialRoot: Uint8Array | undefined, mirror: string): boolean {
  for (const { file } of METADATA) {
    if (existsSync(join(kept, file))) copyFileSync(join(kept, file), join(work, file));
  }
  if (existsSync(join(work, 'root.json'))) return true;
  if (initialRoot === undefined) {
    throw new SignetError(
      'no-trust',
      `The root that ${mirror} was set up with is gone from ${kept}.`,
      `Run git-signet trust init --mirror ${mirror} --root FILE.`,
    );
  }
  writeFileSync(join(work, 'root.json'), initialRoot, { mode: 0o600 });
  return false;
}

function openUpdater(work: string, mirror: string, fetcher: TufFetcher): Updater {
  return new Updater({
    metadataDir: work,
    metadataBaseUrl: mirror,
    targetDir: work,
    targetBaseUrl: `${mirror}/targets`,
    fetcher,
    config: {
      maxRootRotations: 256,
      // Our two targets stand in the top level; what others were allowed to add is of no interest.
      maxDelegations: 0,
      rootMaxLength: MAX_TUF_ROOT_BYTES,
      timestampMaxLength: MAX_TUF_TIMESTAMP_BYTES,
      snapshotMaxLength: MAX_TUF_SNAPSHOT_BYTES,
      targetsMaxLength: MAX_TUF_TARGETS_BYTES,
    },
  });
}

/** Bytes of a target that the metadata vouch for, from the cache where it has them. */
async function requireTarget(
  updater: Updater,
  name: TargetName,
  path: string,
  { work, folder }: { readonly work: string; readonly folder: string },
): Promise<Uint8Array | undefined> {
  const target = await updater.getTargetInfo(path);
  if (target === undefined) return undefined;
  const digest = digestOf(target);
  try {
    return readTarget(folder, name, digest);
  } catch {
    const bytes = readFileSync(await updater.downloadTarget(target, join(work, `target-${name}`)));
    if (hash('sha256', bytes, 'hex') !== digest) throw new Error(`${path} has another digest`);
    return bytes;
  }
}

/** tuf-js is content with no digest at all, and with MD5. */
function digestOf({ path, length, hashes }: TargetFile): string {
  const { sha256 = '' } = hashes;
  if (!/^[\da-f]{64}$/.test(sha256)) throw new Error(`${path} is listed without a SHA-256 digest`);
  if (length > MAX_TRUSTED_ROOT_BYTES) throw new Error(`${path} is larger than 1 MiB`);
  return sha256;
}

/**
 * Whether every authority can be used and leads to its root, so that git's verify call need not look again.
 * One that cannot is no reason to refuse the others. Throws Error for what is no trusted root at all.
 */
function isProven(trustedRoot: Uint8Array): boolean {
  try {
    return parseTrustedRoot(trustedRoot).certificateAuthorities.every(isUsable);
  } catch (error) {
    const reason = isSignetError(error) && error.cause instanceof Error ? error.cause.message : String(error);
    throw new Error(`its trusted_root.json cannot be used: ${reason}`, { cause: error });
  }
}

function isUsable({ issuers }: CertificateAuthority): boolean {
  try {
    return issuers().every(({ problem }) => problem() === undefined);
  } catch {
    return false;
  }
}

interface Targets {
  readonly trustedRoot: Uint8Array;
  readonly config: Uint8Array | undefined;
  readonly proven: boolean;
}

/** The state comes last: until then everybody goes on with the one before. */
function publish(request: UpdateRequest, work: string, { trustedRoot, config, proven }: Targets): CacheState {
  const { folder, mirror, initialRoot } = request;
  publishMetadata(work, metadataFolder(folder, initialRoot.digest));
  const state: CacheState = {
    mirror,
    initialRoot: initialRoot.digest,
    trustedRoot: publishTarget(folder, 'trusted_root', trustedRoot),
    signingConfig: config === undefined ? '' : publishTarget(folder, 'signing_config', config),
    proven,
    refreshedAt: new Date().toISOString(),
    expiresAt: expiryOf(work).toISOString(),
  };
  const before = stateOrNone(folder);
  writeWhole(folder, STATE_FILE, new TextEncoder().encode(`${JSON.stringify(state, null, 1)}\n`));
  // Somebody may just have read the state before.
  clearTargets(folder, [state, ...(before === undefined ? [] : [before])].flatMap(targetsOf));
  return state;
}

function targetsOf({ trustedRoot, signingConfig }: CacheState): readonly string[] {
  return [targetFile('trusted_root', trustedRoot), targetFile('signing_config', signingConfig)];
}

function publishTarget(folder: string, name: TargetName, bytes: Uint8Array): string {
  const digest = hash('sha256', bytes, 'hex');
  writeWhole(folder, targetFile(name, digest), bytes);
  return digest;
}
