/**
 * The numbered attacks of docs/threat-model.md that can be an object. What is behaviour (a server, a terminal, files)
 * has a test of its own, which the threat model names.
 */
import type { Attack } from './attack.ts';
import { OBJECT_ATTACKS } from './objectAttacks.ts';
import { SIGNER_ATTACKS } from './signerAttacks.ts';
import { WITNESS_ATTACKS } from './witnessAttacks.ts';

export const ATTACKS: readonly Attack[] = [...OBJECT_ATTACKS, ...WITNESS_ATTACKS, ...SIGNER_ATTACKS];
