/** A shard of Rekor version 2 (rekor-tiles): hashedrekord 0.0.2, its answer waits for a checkpoint over the entry. */
import { toBase64 } from '../core/bytes.ts';
import { REKOR_V2_PATIENCE } from '../core/limits.ts';
import { SignetError } from '../errors.ts';
import type { LogEntry, ProposedEntry, TransparencyLog } from '../ports.ts';
import { objectIn, parseObject, wrong } from './answer.ts';
import { hasNone, int64In, toLogEntry } from './entryJson.ts';
import { type Answer, type Service, type ServiceOptions, serviceAt } from './http.ts';
import { refusalOf } from './refusal.ts';
import { deadlineIn, requestPatiently } from './retry.ts';

/** Throws `config` for an address that is no https or loopback URL. */
export function rekorV2(baseUrl: string, options: ServiceOptions = {}): TransparencyLog {
  const service = serviceAt('Rekor v2', 'signet.rekor', baseUrl, options.insecureHttp ?? false);
  const patience = options.patience ?? REKOR_V2_PATIENCE;
  return {
    async upload(entry, signal, onSent) {
      const body = encodeRequest(entry);
      const request = { method: 'POST', path: 'api/v2/log/entries', body, onSent } as const;
      const answer = await requestPatiently(service, request, patience, deadlineIn(patience.totalMs, signal));
      if (answer.status !== 201) throw refusal(service, answer);
      return parseV2Entry(answer.body);
    },
  };
}

/** CreateEntryRequest of rekor-tiles. It takes no field that it does not know. */
function encodeRequest({ digest, signature, certificate }: ProposedEntry): string {
  const verifier = {
    x509Certificate: { rawBytes: toBase64(certificate) },
    keyDetails: 'PKIX_ECDSA_P256_SHA_256',
  };
  return JSON.stringify({
    hashedRekordRequestV002: {
      digest: toBase64(digest),
      signature: { content: toBase64(signature), verifier },
    },
  });
}

/**
 * The log's answer in values; nothing about it is verified. A time or a promise, which such a log cannot give, is
 * refused. Throws `service-answer`.
 */
export function parseV2Entry(bytes: Uint8Array): LogEntry {
  const object = parseObject(bytes, "Rekor's entry");
  const { kind, version } = objectIn(object, 'kindVersion').fields;
  if (kind !== 'hashedrekord' || version !== '0.0.2') throw wrong(object.what, 'is not a hashedrekord 0.0.2');
  if (int64In(object, 'integratedTime') !== 0n)
    throw wrong(object.what, 'has a time, which logs of its kind do not give');
  if (!hasNone(object, 'inclusionPromise')) {
    throw wrong(object.what, 'has a promise, which logs of its kind do not give');
  }
  return toLogEntry(object);
}

/**
 * 409: an attempt whose answer was lost had reached the log, which does not hand out that entry again. 405: the shard
 * is frozen.
 */
function refusal(service: Service, answer: Answer): SignetError {
  switch (answer.status) {
    case 409:
      return new SignetError(
        'already-logged',
        `${service.name} at ${service.baseUrl.origin} has this very entry already, and does not hand it out again.`,
        'Try again: a new signature makes a new entry.',
      );
    case 405: {
      const hint =
        'Set signet.rekor to the newer shard: this one takes no entries any more, or is no Rekor v2.';
      return refusalOf(service, answer, hint);
    }
    case 404:
    case 501: {
      const hint = 'Check that signet.rekor names a shard of Rekor v2, or set signet.rekorVersion to 1.';
      return refusalOf(service, answer, hint);
    }
    default:
      return refusalOf(service, answer);
  }
}
