/** The four files of TUF metadata that were verified, in a folder for each root that somebody began with. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeFolder } from '../makeFolder.ts';
import { writeWhole } from './folder.ts';

/** In the order in which a client verifies them. */
export const METADATA = [
  { role: 'root', file: 'root.json' },
  { role: 'timestamp', file: 'timestamp.json' },
  { role: 'snapshot', file: 'snapshot.json' },
  { role: 'targets', file: 'targets.json' },
] as const;

export interface RoleState {
  readonly role: (typeof METADATA)[number]['role'];
  readonly version: number;
  readonly expires: Date;
}

/**
 * Where metadata are kept that were verified from this root. Another root, even for the same mirror, is another
 * chain: nothing of one may pass for the other.
 */
export function metadataFolder(folder: string, initialRoot: string): string {
  return join(folder, `metadata-${initialRoot.slice(0, 32)}`);
}

/** Versions and ends of the roles that a folder holds; what cannot be read is left out. */
export function readRoles(folder: string): readonly RoleState[] {
  return METADATA.flatMap(({ role, file }) => {
    const state = readRole(join(folder, file));
    return state === undefined ? [] : [{ role, ...state }];
  });
}

/** When the first of them ends. */
export function expiryOf(folder: string): Date {
  return new Date(Math.min(...readRoles(folder).map(({ expires }) => expires.getTime())));
}

/** Takes over what is newer than what is there, each file whole. */
export function publishMetadata(from: string, to: string): void {
  makeFolder(to, 0o700);
  for (const { file } of METADATA) {
    const next = join(from, file);
    if (!existsSync(next)) continue;
    const bytes = readFileSync(next);
    const isSame = existsSync(join(to, file)) && bytes.equals(readFileSync(join(to, file)));
    const isOlder = (readRole(next)?.version ?? 0) < (readRole(join(to, file))?.version ?? 0);
    if (!isSame && !isOlder) writeWhole(to, file, bytes);
  }
}

function readRole(path: string): Omit<RoleState, 'role'> | undefined {
  try {
    const { signed } = JSON.parse(readFileSync(path, 'utf8'));
    const { version, expires } = signed;
    const date = new Date(expires);
    return Number.isInteger(version) && !Number.isNaN(date.getTime())
      ? { version, expires: date }
      : undefined;
  } catch {
    return undefined;
  }
}
