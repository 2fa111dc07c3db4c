/**
 * git's verifying call. All of it is in the hot file, since git makes it for every commit of a log.
 */
import { parseConfig } from '../adapters/config.ts';
import { openPolicy } from '../adapters/policy/openPolicy.ts';
import { readFileBytes, readStandardInput } from '../adapters/readBytes.ts';
import { readSettings } from '../adapters/settings.ts';
import { openTrust } from '../adapters/trust/loadTrust.ts';
import { judge } from '../core/facts.ts';
import { mayBePushCertificate } from '../core/gitObject.ts';
import { MAX_ARMOR_BYTES, MAX_PAYLOAD_BYTES } from '../core/limits.ts';
import { examinePlainSignature } from '../core/verifyPlain.ts';
import { explainVerdict } from './explain.ts';
import { parseGpgArgs, statusFdOf, type VerifyCall } from './gpgArgs.ts';
import { toErrorStatus, toStatus } from './gpgStatus.ts';
import { printError, printLines } from './printError.ts';
import { writeLastStatus, writeStatus } from './writeStatus.ts';

/** Runs a gpgsm-like call; returns the exit code, undefined for a call that signs. Never throws. */
export async function runGpg(argv: readonly string[], env: NodeJS.ProcessEnv): Promise<number | undefined> {
  try {
    const call = parseGpgArgs(argv);
    return call.kind === 'verify' ? await verify(call, argv, env) : undefined;
  } catch (error) {
    const exitCode = printError(error);
    if (argv.includes('--verify'))
      writeLastStatus(statusFdOf(argv), ['NEWSIG', ...toErrorStatus(exitCode).lines]);
    return exitCode;
  }
}

/** Text first, status lines in one write at the very end: what stops us half-way can never read as good. */
async function verify(call: VerifyCall, argv: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const armored = readFileBytes(call.signatureFile, MAX_ARMOR_BYTES);
  const payload =
    call.dataFile === '-'
      ? readStandardInput(MAX_PAYLOAD_BYTES)
      : readFileBytes(call.dataFile, MAX_PAYLOAD_BYTES);
  const config = parseConfig(readSettings(env));
  const trust = await openTrust(config.trust, env);
  const { policy, note } = await openPolicy(config);
  const found = examinePlainSignature(payload, armored, trust);
  const verdict =
    found === undefined
      ? await (await import('./judgeFully.ts')).judgeFully({ payload, armored, trust, policy }, env)
      : judge(found, policy, payload);
  const options = {
    pushCertificate: mayBePushCertificate(payload),
    requirePolicy: config.requirePolicy,
    untrustedAs: config.untrustedAs,
    sandbox: trust.sandbox,
    replaced: trust.replaced,
    note,
  };
  const isOthers = verdict.status === 'unreadable' && !options.pushCertificate && !config.requirePolicy;
  if (isOthers && config.wantsSmime) {
    const { askSmimeProgram } = await import('./smime.ts');
    const exitCode = askSmimeProgram({ call, argv, payload, armored, trust }, env);
    if (exitCode !== undefined) return exitCode;
  }
  const status = toStatus(verdict, options);
  printLines(explainVerdict(verdict, options));
  writeStatus(call.statusFd, ['NEWSIG', ...status.lines]);
  return status.exitCode;
}
