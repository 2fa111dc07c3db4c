/** git's verifying call under a pinned policy: one small file, no TOML, no git. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { toPolicy } from '../../core/policy/knownSigner.ts';
import { NO_POLICY } from '../../core/policy.ts';
import type { OpenedPolicy } from './openPolicy.ts';
import { type Pin, readPin } from './pin.ts';

/** Throws SignetError `config` where it cannot be used: no other policy takes its place. */
export function open(commonFolder: string): OpenedPolicy {
  const pin = readPin(commonFolder);
  if (pin === undefined) return { policy: NO_POLICY };
  return { policy: toPolicy(pin.policy), note: hasMoved(commonFolder, pin) ? MOVED : undefined };
}

const MOVED = 'The ref of the policy has moved since it was last looked at: git-signet policy update';

/** Where git keeps the ref in a file of its own, as it does after each fetch; of others nothing is said. */
function hasMoved(commonFolder: string, { ref, tip }: Pin): boolean {
  try {
    const now = readFileSync(join(commonFolder, ref), 'latin1').trim();
    return /^[0-9a-f]{40,64}$/.test(now) && now !== tip;
  } catch {
    return false;
  }
}
