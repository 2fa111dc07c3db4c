/** A log or timestamp authority whose answer is not right, in words for the person. */
import { parseCertificate } from '../core/x509.ts';
import { SignetError } from '../errors.ts';

export type Blame = (why: string, cause?: unknown) => SignetError;

export const wrongEntry: Blame = (why, cause) =>
  new SignetError(
    'service-answer',
    `The transparency log's answer is not right: ${why}.`,
    'Nothing was signed. If this stays so, the log or the trusted root is the wrong one: run git-signet config.',
    cause,
  );

export const wrongToken: Blame = (why, cause) =>
  new SignetError(
    'service-answer',
    `The timestamp is not right: ${why}.`,
    'Nothing was signed. If this stays so, signet.timestampServerURL is the wrong one, or signet.timestampCertChain does not hold its certificates.',
    cause,
  );

export const OTHER_BODY = 'it recorded something else than was sent';

/** What `open` gives; whatever it refuses is blamed on the service. */
export function opened<T>(open: () => T, blame: Blame): T {
  try {
    return open();
  } catch (error) {
    throw blame(error instanceof Error ? error.message : 'it could not be read', error);
  }
}

/** Why a time is none at which the certificate could sign; undefined where it is one. */
export function outsideOf(certificate: Uint8Array, at: Date): string | undefined {
  const { notBefore, notAfter } = parseCertificate(certificate);
  if (at.getTime() >= notBefore && at.getTime() <= notAfter) return undefined;
  return `its clock says ${at.toISOString()}, when the certificate was not valid`;
}
