/** The keys of policies: each policy's in a folder of its own, opened when a signature asks for them. */
import { join } from 'node:path';
import type { PolicyFile } from '../core/policyFile.ts';
import type { Clock, GateReader, KeyJudging, PlacedPolicy } from '../ports.ts';
import { type KeyJudge, MAX_KEY_BYTES, openKeyJudge } from './keySignatures.ts';
import { readFileBytes } from './readBytes.ts';

export interface PolicyKeys {
  readonly judge: KeyJudging;
  /** Removes the folders. */
  close(): void;
}

export interface PolicyKeysSource {
  readonly repository: Pick<GateReader, 'file'>;
  readonly env: NodeJS.ProcessEnv;
  /** Keys have no trusted time. */
  readonly clock: Clock;
}

/** A policy changes within one push, and its keys with it: those of each are asked about what comes after it. */
export function openPolicyKeys({ repository, env, clock }: PolicyKeysSource): PolicyKeys {
  const judges = new Map<PolicyFile, KeyJudge>();
  const open = (placed: PlacedPolicy): KeyJudge => {
    const known = judges.get(placed.file);
    if (known !== undefined) return known;
    const file = (path: string) => readKeyFile(path, placed, repository);
    const judge = openKeyJudge({ policy: placed.file, file, env, clock });
    judges.set(placed.file, judge);
    return judge;
  };
  return {
    judge: (object, placed) => open(placed).judge(object),
    close: () => {
      for (const judge of judges.values()) judge.close();
    },
  };
}

async function readKeyFile(
  path: string,
  { commit, folder }: PlacedPolicy,
  repository: Pick<GateReader, 'file'>,
): Promise<Uint8Array | undefined> {
  if (commit !== undefined) {
    const bytes = await repository.file(commit, path, MAX_KEY_BYTES);
    return bytes === 'too-large' ? undefined : bytes;
  }
  if (folder === undefined) return undefined;
  try {
    return readFileBytes(join(folder, path), MAX_KEY_BYTES, 'config');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
