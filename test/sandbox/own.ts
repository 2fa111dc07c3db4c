import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach } from 'vitest';
import { type RunningSandbox, startSandbox } from '../../src/sandbox/sandbox.ts';

/** A sandbox for all tests of a file, which behaves at the start of each, and a folder for both; both go with the last test. */
export async function ownSandbox(): Promise<{ readonly folder: string; readonly sandbox: RunningSandbox }> {
  const folder = mkdtempSync(join(tmpdir(), 'signet-sandbox-'));
  const sandbox = await startSandbox({ stateDir: join(folder, 'state') });
  afterEach(() => sandbox.setFaults([]));
  afterAll(async () => {
    await sandbox.stop();
    rmSync(folder, { recursive: true });
  });
  return { folder, sandbox };
}

/** A sandbox of this folder, once more. */
export async function startAgain(stateDir: string): Promise<RunningSandbox> {
  for (let tries = 0; ; tries++) {
    // The pool of fetch learns a moment later that the other side, in this same process, has closed.
    await new Promise((resolve) => setTimeout(resolve, 20));
    try {
      return await startSandbox({ stateDir });
    } catch (error) {
      // Its port is the same again, and meanwhile another test's server may have got it.
      if (tries === 500 || !String(error).includes(' is taken.')) throw error;
    }
  }
}
