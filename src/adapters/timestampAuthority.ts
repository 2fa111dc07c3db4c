/** A timestamp authority (RFC 3161), over HTTP (section 3.4). */
import { createHash, randomBytes } from 'node:crypto';
import {
  BOOLEAN,
  childrenOf,
  encodedOf,
  NULL,
  parseDer,
  SEQUENCE,
  smallIntegerOf,
  UTF8_STRING,
} from '../core/der.ts';
import {
  encodeElement,
  encodeInteger,
  encodeOctetString,
  encodeOid,
  encodeSequence,
} from '../core/derEncode.ts';
import { MAX_TIMESTAMP_BYTES, TIMESTAMP_PATIENCE } from '../core/limits.ts';
import { SHA256 } from '../core/oids.ts';
import { nonceOf } from '../core/timestampToken.ts';
import { isSignetError, SignetError } from '../errors.ts';
import type { TimestampAuthority } from '../ports.ts';
import { wrong } from './answer.ts';
import { type Service, type ServiceOptions, serviceAt } from './http.ts';
import { printable } from './quote.ts';
import { refusalOf } from './refusal.ts';
import { deadlineIn, requestPatiently } from './retry.ts';

const SETTING = 'signet.timestampServerURL';
const WHAT = "the TSA's answer";

/**
 * The authority at this very URL. Plain http is taken everywhere, as most public ones speak nothing else: what is sent is
 * no secret, and what comes back is signed over it and a nonce. Throws `config` where it is no http(s) URL.
 */
export function timestampAuthority(
  url: string,
  options: Pick<ServiceOptions, 'patience'> = {},
): TimestampAuthority {
  const service = serviceAt('TSA', SETTING, url, true);
  const patience = options.patience ?? TIMESTAMP_PATIENCE;
  return {
    async requestTimestamp(signature, signal) {
      const nonce = BigInt(`0x${randomBytes(16).toString('hex')}`);
      const request = {
        method: 'POST',
        path: '',
        body: encodeTimestampRequest(signature, nonce),
        headers: { 'Content-Type': 'application/timestamp-query', Accept: 'application/timestamp-reply' },
        answerType: 'application/timestamp-reply',
      } as const;
      const answer = await requestPatiently(service, request, patience, deadlineIn(patience.totalMs, signal));
      if (answer.status !== 200 && answer.status !== 201) throw refusalOf(service, answer);
      return openTimestampAnswer(service, answer.body, nonce);
    },
  };
}

/**
 * TimeStampReq ::= SEQUENCE { version INTEGER { v1(1) }, messageImprint, reqPolicy OPTIONAL, nonce INTEGER OPTIONAL,
 * certReq BOOLEAN DEFAULT FALSE, extensions [0] OPTIONAL } (2.4.1), over the octets of the signature value.
 */
export function encodeTimestampRequest(signature: Uint8Array, nonce: bigint): Uint8Array {
  const sha256 = encodeSequence(encodeOid(SHA256), encodeElement(NULL));
  const imprint = createHash('sha256').update(signature).digest();
  return encodeSequence(
    encodeInteger(1),
    encodeSequence(sha256, encodeOctetString(imprint)),
    encodeInteger(nonce),
    encodeElement(BOOLEAN, Uint8Array.of(0xff)),
  );
}

/** PKIStatus granted. `grantedWithMods` (1) is none: something else was stamped than was asked for. */
const GRANTED = 0;

/**
 * TimeStampResp ::= SEQUENCE { status PKIStatusInfo, timeStampToken OPTIONAL } (2.4.2): gives the token as received. By
 * then it is the answer to the request with this nonce, and nothing else about it is verified.
 */
export function openTimestampAnswer(service: Service, body: Uint8Array, nonce: bigint): Uint8Array {
  if (body.length > MAX_TIMESTAMP_BYTES) throw wrong(WHAT, `is larger than ${MAX_TIMESTAMP_BYTES} bytes`);
  const { status, words, token } = understood(() => parseResponse(body));
  if (status !== GRANTED) throw notGranted(service, status, words);
  if (token === undefined) throw wrong(WHAT, 'holds no timestamp');
  if (understood(() => nonceOf(token)) !== nonce) throw wrong(WHAT, 'bears another nonce than was sent');
  return token;
}

interface TimestampResponse {
  readonly status: number;
  /** The authority's own, unescaped; mostly empty. */
  readonly words: string;
  readonly token: Uint8Array | undefined;
}

/** PKIStatusInfo ::= SEQUENCE { status INTEGER, statusString SEQUENCE OF UTF8String OPTIONAL, failInfo OPTIONAL } */
function parseResponse(der: Uint8Array): TimestampResponse {
  const { 0: info, 1: token } = childrenOf(parseDer(der), SEQUENCE, 'the response', [1, 2]);
  const { 0: status, 1: text } = childrenOf(info, SEQUENCE, 'its status', [1, 3]);
  const words = text?.tag === SEQUENCE ? text.children.filter(({ tag }) => tag === UTF8_STRING) : [];
  return {
    status: smallIntegerOf(status, 'its status'),
    words: words.map(({ source, body, end }) => Buffer.from(source.subarray(body, end)).toString()).join(' '),
    token: token && encodedOf(token),
  };
}

function understood<T>(parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (!isSignetError(error)) throw error;
    throw wrong(WHAT, `cannot be read: ${error.message}`);
  }
}

function notGranted({ name, baseUrl }: Service, status: number, words: string): SignetError {
  const what =
    status === 1
      ? 'stamped something else than was asked for (grantedWithMods)'
      : `refused with PKIStatus ${status}${words === '' ? '' : `: ${printable(words, 300)}`}`;
  const hint = `Check that ${SETTING} names an authority that takes SHA-256.`;
  return new SignetError('service-refused', `${name} at ${baseUrl.origin} ${what}.`, hint);
}
