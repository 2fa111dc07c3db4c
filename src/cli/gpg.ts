/**
 * git's two calls. All of the verifying one is in the hot file, since git makes it for every commit of a log;
 * what signing needs besides is one more file, loaded once per commit that somebody makes.
 */
import { parseConfig } from '../adapters/config.ts';
import { readFileBytes, readStandardInput } from '../adapters/readBytes.ts';
import { readSettings } from '../adapters/settings.ts';
import { openTrust } from '../adapters/trust/loadTrust.ts';
import { writeAll } from '../adapters/writeBytes.ts';
import { judge } from '../core/facts.ts';
import { mayBePushCertificate } from '../core/gitObject.ts';
import { MAX_ARMOR_BYTES, MAX_PAYLOAD_BYTES } from '../core/limits.ts';
import { examinePlainSignature } from '../core/verifyPlain.ts';
import { EXIT, type ExitCode } from '../errors.ts';
import { explainVerdict } from './explain.ts';
import { parseGpgArgs, type SignCall, statusFdOf, type VerifyCall } from './gpgArgs.ts';
import { toErrorStatus, toStatus } from './gpgStatus.ts';
import { printError, printLines } from './printError.ts';

/** Runs a gpgsm-like call; returns the exit code. Never throws. */
export async function runGpg(argv: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  try {
    const call = parseGpgArgs(argv);
    return await (call.kind === 'verify' ? verify(call, argv, env) : signCall(call, env));
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
  const { policy } = config;
  const found = examinePlainSignature(payload, armored, trust);
  const verdict =
    found === undefined
      ? await (await import('./judgeFully.ts')).judgeFully({ payload, armored, trust, policy }, env)
      : judge(found, policy);
  const options = {
    pushCertificate: mayBePushCertificate(payload),
    requirePolicy: config.requirePolicy,
    untrustedAs: config.untrustedAs,
    sandbox: trust.sandbox,
    replaced: trust.replaced,
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

/** The signature is on standard output whole before SIG_CREATED says so; on failure nothing is there. */
async function signCall(call: SignCall, env: NodeJS.ProcessEnv): Promise<ExitCode> {
  writeStatus(call.statusFd, ['BEGIN_SIGNING']);
  try {
    const payload =
      call.file === undefined
        ? readStandardInput(MAX_PAYLOAD_BYTES, 'refused-payload')
        : readFileBytes(call.file, MAX_PAYLOAD_BYTES, 'refused-payload');
    const { sign } = await import('./signCall.ts');
    const { output, statusLine } = await sign(payload, call, env);
    writeAll(1, output);
    writeStatus(call.statusFd, [statusLine]);
    return EXIT.good;
  } catch (error) {
    writeLastStatus(call.statusFd, ['FAILURE sign 1']);
    const exitCode = printError(error);
    const { tellPerson } = await import('./tellPerson.ts');
    tellPerson(error, env);
    return exitCode;
  }
}

function writeStatus(fd: number | undefined, lines: readonly string[]): void {
  if (fd !== undefined) writeAll(fd, lines.map((line) => `[GNUPG:] ${line}\n`).join(''));
}

/** After an error: it may be that nobody reads the status any more, and the exit code says it all the same. */
function writeLastStatus(fd: number | undefined, lines: readonly string[]): void {
  try {
    writeStatus(fd, lines);
  } catch {
    // see above
  }
}
