/**
 * git's verifying call. All of it is in the hot file, since git makes it for every commit of a log.
 */
import { parseConfig } from '../adapters/config.ts';
import { openPolicy } from '../adapters/policy/openPolicy.ts';
import { readFileBytes, readStandardInput } from '../adapters/readBytes.ts';
import { readSettings } from '../adapters/settings.ts';
import { type LoadedTrust, openRoot, type RootFile, toTrust } from '../adapters/trust/loadTrust.ts';
import { judge } from '../core/facts.ts';
import { mayBePushCertificate } from '../core/gitObject.ts';
import { MAX_ARMOR_BYTES, MAX_PAYLOAD_BYTES } from '../core/limits.ts';
import { examinePlainSignature } from '../core/verifyPlain.ts';
import type { Examined, Subject } from './callFacts.ts';
import { explainVerdict } from './explain.ts';
import { gitVerifyCall } from './gitVerifyCall.ts';
import type { VerifyCall } from './gpgArgs.ts';
import { toErrorStatus, toStatus } from './gpgStatus.ts';
import { printError, printLines } from './printError.ts';
import { writeLastStatus, writeStatus } from './writeStatus.ts';

/** Runs a gpgsm-like call; returns the exit code, undefined for a call that signs. Never throws. */
export async function runGpg(argv: readonly string[], env: NodeJS.ProcessEnv): Promise<number | undefined> {
  const gits = gitVerifyCall(argv);
  try {
    const call = gits ?? (await import('./gpgArgs.ts')).parseGpgArgs(argv);
    return call.kind === 'verify' ? await verify(call, argv, env) : undefined;
  } catch (error) {
    const exitCode = printError(error);
    if (argv.includes('--verify')) {
      const statusFd = gits ? 1 : (await import('./gpgArgs.ts')).statusFdOf(argv);
      writeLastStatus(statusFd, ['NEWSIG', ...toErrorStatus(exitCode).lines]);
    }
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
  const root = await openRoot(config.trust, env);
  const { policy, note } = await openPolicy(config);
  const { found, sandbox } = await examine({ payload, armored }, root, env);
  const verdict = judge(found, policy, payload);
  const options = {
    pushCertificate: mayBePushCertificate(payload),
    requirePolicy: config.requirePolicy,
    untrustedAs: config.untrustedAs,
    sandbox,
    replaced: 'bytes' in root ? undefined : root.replaced,
    note,
  };
  const isOthers = verdict.status === 'unreadable' && !options.pushCertificate && !config.requirePolicy;
  if (isOthers && config.wantsSmime) {
    const { askSmimeProgram } = await import('./smime.ts');
    const exitCode = askSmimeProgram({ call, argv, payload, armored, trust: toTrust(root) }, env);
    if (exitCode !== undefined) return exitCode;
  }
  const status = toStatus(verdict, options);
  printLines(explainVerdict(verdict, options));
  writeStatus(call.statusFd, ['NEWSIG', ...status.lines]);
  return status.exitCode;
}

/** As remembered, else by the code that nearly every signature needs, else by all of it. */
async function examine(
  subject: Subject,
  root: RootFile | LoadedTrust,
  env: NodeJS.ProcessEnv,
): Promise<Examined> {
  const memory = env['CI'] ? undefined : (await import('./callFacts.ts')).openCallFacts(subject, root, env);
  if (memory?.known) return memory.known;
  const trust = toTrust(root);
  const found =
    examinePlainSignature(subject.payload, subject.armored, trust) ??
    (await import('./examineFully.ts')).examineFully(subject, trust, env);
  memory?.keep(found, trust);
  return { found, sandbox: trust.sandbox };
}
