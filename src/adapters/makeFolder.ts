import { existsSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Makes a folder and what is missing above it, all with this mode; one that exists stays as it is. Throws the
 * system's error. Node's own `recursive` tries for ever where the system calls a folder missing whose parent
 * exists (/proc; seen with Node 20.20), and nothing here may keep a commit waiting.
 */
export function makeFolder(path: string, mode: number): void {
  if (existsSync(path)) return;
  const parent = dirname(path);
  if (parent !== path) makeFolder(parent, mode);
  try {
    mkdirSync(path, { mode });
  } catch (error) {
    // Another process of ours was faster.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}
