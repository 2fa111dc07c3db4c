import { createHash, generateKeyPairSync } from 'node:crypto';
import { encodeInteger } from '../core/derEncode.ts';
import { TIMESTAMP_PATH } from './addresses.ts';
import { type Answer, jsonAnswer, Refusal, type SandboxRequest, textAnswer } from './answer.ts';
import { randomSerial, toPem } from './certificates.ts';
import { parseTimestampJson, parseTimestampQuery } from './timestampRequest.ts';
import {
  encodeGranted,
  encodeRejection,
  encodeTimestampToken,
  issueTimestampCertificates,
  type TimestampRequest,
  type TimestampSigner,
} from './timestampToken.ts';

/** The timestamp authority (RFC 3161 over HTTP, protocols section 6), in the forms of the recordings. */
export function answerAsTimestampAuthority(signer: TimestampSigner, request: SandboxRequest): Answer {
  switch (request.path) {
    case TIMESTAMP_PATH:
      if (request.method !== 'POST') throw wrongMethod(request.method, 'POST');
      return stamp(signer, request);
    case `${TIMESTAMP_PATH}/certchain`: {
      if (request.method !== 'GET') throw wrongMethod(request.method, 'GET');
      const pem = signer.certificates.map(toPem).join('');
      return textAnswer(200, 'application/pem-certificate-chain', pem);
    }
    default:
      throw refusal(404, `path ${request.path} was not found`);
  }
}

const REPLY = { 'content-type': 'application/timestamp-reply' };

function stamp(signer: TimestampSigner, request: SandboxRequest): Answer {
  const [type = ''] = String(request.headers['content-type'] ?? '').split(';');
  const wanted = parse(type.trim(), request.body);
  // As recorded, the refusal is JSON under the type of a reply.
  if ('refusal' in wanted) throw refusal(400, wanted.refusal, REPLY);
  const body = request.fault === 'rejection' ? encodeRejection() : reply(signer, wanted, request);
  return { status: 200, headers: { ...REPLY, vary: 'Origin' }, body };
}

function parse(type: string, body: Uint8Array) {
  switch (type) {
    case 'application/timestamp-query':
      return parseTimestampQuery(body);
    case 'application/json':
      return parseTimestampJson(Buffer.from(body).toString());
    default: {
      const allowed = '[application/timestamp-query application/json]';
      throw refusal(415, `unsupported media type "${type}", only ${allowed} are allowed`);
    }
  }
}

function reply(signer: TimestampSigner, wanted: TimestampRequest, { at, fault }: SandboxRequest): Uint8Array {
  switch (fault) {
    case 'wrongImprint': {
      const digest = createHash('sha512').update(wanted.digest).digest().subarray(0, wanted.digest.length);
      return encodeGranted(encodeTimestampToken(signer, { ...wanted, digest }, at));
    }
    case 'wrongNonce':
      return encodeGranted(
        encodeTimestampToken(signer, { ...wanted, nonce: encodeInteger(randomSerial()) }, at),
      );
    case 'otherKey': {
      const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
      return encodeGranted(encodeTimestampToken(signer, wanted, at, privateKey));
    }
    case 'otherAuthority':
      return encodeGranted(encodeTimestampToken(otherAuthority(signer, at), wanted, at));
    default:
      return encodeGranted(encodeTimestampToken(signer, wanted, at));
  }
}

/** Of the same names, and of a root that nobody trusts. */
function otherAuthority(signer: TimestampSigner, at: Date): TimestampSigner {
  const day = 24 * 60 * 60 * 1000;
  const [from, until] = [at.getTime() - day, at.getTime() + day];
  const certificates = issueTimestampCertificates(signer.publicKey, new Date(from), new Date(until));
  return { ...signer, certificates };
}

function wrongMethod(method: string, allowed: string): Refusal {
  return refusal(405, `method ${method} is not allowed, but [${allowed}] are`, { allow: allowed });
}

function refusal(code: number, message: string, headers = {}): Refusal {
  return new Refusal(jsonAnswer(code, { code, message }, '', headers));
}
