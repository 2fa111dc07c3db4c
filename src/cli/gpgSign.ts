/** git's signing call. */
import { readFileBytes, readStandardInput } from '../adapters/readBytes.ts';
import { writeAll } from '../adapters/writeBytes.ts';
import { MAX_PAYLOAD_BYTES } from '../core/limits.ts';
import { EXIT, type ExitCode } from '../errors.ts';
import { parseGpgArgs, type SignCall } from './gpgArgs.ts';
import { printError } from './printError.ts';
import { sign } from './signCall.ts';
import { writeLastStatus, writeStatus } from './writeStatus.ts';

/** Runs a gpgsm-like call that signs; returns the exit code. Never throws. */
export async function runGpgSign(argv: readonly string[], env: NodeJS.ProcessEnv): Promise<ExitCode> {
  try {
    const call = parseGpgArgs(argv);
    if (call.kind === 'verify') throw new Error('a verifying call was taken for a signing one');
    return await signFor(call, env);
  } catch (error) {
    return printError(error);
  }
}

/** The signature is on standard output whole before SIG_CREATED says so; on failure nothing is there. */
async function signFor(call: SignCall, env: NodeJS.ProcessEnv): Promise<ExitCode> {
  writeStatus(call.statusFd, ['BEGIN_SIGNING']);
  try {
    const payload =
      call.file === undefined
        ? readStandardInput(MAX_PAYLOAD_BYTES, 'refused-payload')
        : readFileBytes(call.file, MAX_PAYLOAD_BYTES, 'refused-payload');
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
