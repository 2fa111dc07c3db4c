/** git's signing call as somebody minted: the log and the trust are the sandbox's, whatever the settings say. */
import { readFileBytes, readStandardInput } from '../adapters/readBytes.ts';
import { loadTrust } from '../adapters/trust/loadTrust.ts';
import { openWitnesses } from '../adapters/witnesses.ts';
import { writeAll } from '../adapters/writeBytes.ts';
import { refuseUnverifiable, signPayload } from '../app/sign.ts';
import { parseCertificate } from '../core/certificate.ts';
import { MAX_PAYLOAD_BYTES } from '../core/limits.ts';
import { EXIT, type ExitCode, SignetError } from '../errors.ts';
import { urlAt, urlsOf } from '../sandbox/addresses.ts';
import type { RekorVersion } from '../sandbox/gitConfig.ts';
import type { SandboxState } from '../sandbox/lifecycle.ts';
import { openMinted } from '../sandbox/mint.ts';
import { readMinted } from '../sandbox/mintedFolder.ts';
import { parseGpgArgs } from './gpgArgs.ts';
import { toSigned } from './signCall.ts';
import { writeLastStatus, writeStatus } from './writeStatus.ts';

export interface SignAs {
  readonly folder: string;
  readonly state: SandboxState;
  /** What the log and the timestamp authority shall take for now; undefined for the real time. */
  readonly at: Date | undefined;
  readonly rekorVersion: RekorVersion;
}

/** Signs as git asks for it. Throws SignetError. */
export async function signAs(as: SignAs, argv: readonly string[]): Promise<ExitCode> {
  const call = parseGpgArgs(argv);
  if (call.kind === 'verify' || !call.detached)
    throw new SignetError('usage', 'Only detached signatures are made.', 'Add --detach-sign (-b).');
  writeStatus(call.statusFd, ['BEGIN_SIGNING']);
  try {
    const payload =
      call.file === undefined
        ? readStandardInput(MAX_PAYLOAD_BYTES, 'refused-payload')
        : readFileBytes(call.file, MAX_PAYLOAD_BYTES, 'refused-payload');
    const { output, statusLine } = toSigned(await signed(payload, as), call);
    writeAll(1, output);
    writeStatus(call.statusFd, [statusLine]);
    return EXIT.good;
  } catch (error) {
    writeLastStatus(call.statusFd, ['FAILURE sign 1']);
    throw error;
  }
}

async function signed(payload: Uint8Array, { folder, state, at, rekorVersion }: SignAs) {
  refuseUnverifiable(payload);
  const trust = loadTrust(state.trustedRootPath);
  const { leaf, privateKey } = readMinted(folder);
  const { identity } = openMinted(leaf, trust);
  const { notBefore, notAfter } = parseCertificate(leaf);
  const credential = {
    ...{ privateKey, certificate: leaf, identity },
    ...{ notBefore: new Date(notBefore), notAfter: new Date(notAfter) },
  };
  const { rekorUrl, rekorV2Url, timestampUrl } = urlsOf(at === undefined ? state.url : urlAt(state.url, at));
  const witnesses = await openWitnesses({
    ...(rekorVersion === 1
      ? { rekorUrl, timestampServerUrl: undefined }
      : { rekorUrl: rekorV2Url, timestampServerUrl: timestampUrl }),
    ...{ rekorVersion, insecureHttp: false },
  });
  const ports = { ...witnesses, trust, clock: () => at ?? new Date() };
  return signPayload(payload, credential, ports, new AbortController().signal);
}
