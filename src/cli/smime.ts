/**
 * CMS signatures of others (S/MIME): handed on to the program that the person chose for them, such as gpgsm, with what git
 * handed to us. Its answer is passed on whole or not at all, and never becomes a verdict of ours.
 */
import { spawnSync } from 'node:child_process';
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { childEnvironment } from '../adapters/childEnvironment.ts';
import { CONFIG_SETTINGS } from '../adapters/config.ts';
import { findProgram } from '../adapters/findProgram.ts';
import { readOwnSetting } from '../adapters/git/readOwnSetting.ts';
import { writeAll } from '../adapters/writeBytes.ts';
import { ARMOR_BEGIN, parseArmor } from '../core/armor.ts';
import { findIssuers } from '../core/chain.ts';
import { parseCms, selectLeaf } from '../core/cms.ts';
import { isCheckFailure } from '../core/failure.ts';
import type { Trust } from '../core/trustedRoot.ts';
import { isSignetError, SignetError } from '../errors.ts';
import type { VerifyCall } from './gpgArgs.ts';
import { printLines } from './printError.ts';

/** A call of git's that we cannot judge. */
export interface ForeignCall {
  readonly call: VerifyCall;
  /** As git wrote it. */
  readonly argv: readonly string[];
  readonly payload: Uint8Array;
  readonly armored: Uint8Array;
  readonly trust: Trust;
}

/** A program that asks us again would go on for ever. */
const MARK = 'SIGNET_SMIME_CALL';

/** It may fetch revocation lists. */
const TIMEOUT_MS = 60_000;
const MAX_OUTPUT_BYTES = 1 << 20;

/**
 * The exit code of the chosen program once its answer is passed on; undefined where it was not asked or did not answer:
 * then our own verdict stands. Throws SignetError `config` for a program that cannot be started.
 */
export function askSmimeProgram(foreign: ForeignCall, env: NodeJS.ProcessEnv): number | undefined {
  const { call, argv, payload, armored, trust } = foreign;
  const { smimeProgram } = CONFIG_SETTINGS;
  if (env[MARK] !== undefined || isSigstores(armored, trust)) return undefined;
  if (call.statusFd !== undefined && call.statusFd !== 1 && call.statusFd !== 2) return undefined;
  const { value, ignored } = readOwnSetting(smimeProgram.key, env);
  if (ignored) {
    printLines([
      `The repository's own ${smimeProgram.key} is ignored: it would start a program of its choice.`,
      `To choose one yourself: git config --global ${smimeProgram.key} gpgsm`,
    ]);
  }
  if (value === '') return undefined;
  const program = locate(value, env);
  const answer = spawnSync(program, argv, {
    env: { ...childEnvironment(env), [MARK]: '1' },
    input: call.dataFile === '-' ? payload : '',
    maxBuffer: MAX_OUTPUT_BYTES,
    timeout: TIMEOUT_MS,
    windowsHide: true,
  });
  // gpgsm reads what was signed last, and may have refused before.
  const hasRefused =
    (answer.error as NodeJS.ErrnoException | undefined)?.code === 'EPIPE' && answer.status !== 0;
  if ((answer.error !== undefined && !hasRefused) || answer.status === null) {
    throw new SignetError(
      'config',
      `${program}, which ${smimeProgram.key} names, gave no answer.`,
      `Check that it works: ${program} --version`,
      answer.error,
    );
  }
  printLines([`No Sigstore that is trusted here issued this signature's certificate; ${program} says:`]);
  writeAll(2, answer.stderr);
  writeAll(1, answer.stdout);
  return answer.status;
}

/** 1.3.6.1.4.1.57264, the arc of all that Sigstore puts into certificates and signatures. */
const SIGSTORE_ARC = Buffer.from([0x2b, 0x06, 0x01, 0x04, 0x01, 0x83, 0xbf, 0x30]);

/**
 * Whether anything hints at a Sigstore, this one or another: what is wrong with such a signature nobody else shall
 * find right. Looks into whatever can be read of it.
 */
function isSigstores(armored: Uint8Array, trust: Trust): boolean {
  const text = Buffer.from(armored).toString('latin1');
  if (!text.startsWith(ARMOR_BEGIN)) return true;
  const body = text.slice(ARMOR_BEGIN.length).split('-----')[0] ?? '';
  if (Buffer.from(body, 'base64').includes(SIGSTORE_ARC)) return true;
  try {
    return findIssuers(selectLeaf(parseCms(parseArmor(armored))), trust).length > 0;
  } catch (error) {
    if (isCheckFailure(error) || isSignetError(error)) return false;
    throw error;
  }
}

/** A name on PATH, or an absolute path: git starts us in a tree that may be a stranger's. */
function locate(value: string, env: NodeJS.ProcessEnv): string {
  const path = value.startsWith('~/') ? join(homedir(), value.slice(2)) : value;
  const program = isAbsolute(path) ? path : findProgram(path, env);
  if (program !== undefined) return program;
  throw new SignetError(
    'config',
    `There is no program ${JSON.stringify(value)}, which ${CONFIG_SETTINGS.smimeProgram.key} names.`,
    'Give the name of a program on PATH, or an absolute path.',
  );
}
