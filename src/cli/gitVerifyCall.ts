/** The one call that git makes for every commit of a log: told by its form, so that no parser is loaded for it. */
import type { VerifyCall } from './gpgArgs.ts';

/** `--status-fd=1 --verify FILE -`; undefined for anything else. */
export function gitVerifyCall(argv: readonly string[]): VerifyCall | undefined {
  const [statusFd, verb, signatureFile = '-', dataFile, more] = argv;
  const isGits = statusFd === '--status-fd=1' && verb === '--verify' && dataFile === '-';
  if (!isGits || signatureFile.startsWith('-') || more !== undefined) return undefined;
  return { kind: 'verify', statusFd: 1, signatureFile, dataFile };
}
