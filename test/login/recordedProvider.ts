/**
 * Replays the recorded answers of a real Dex on a loopback port. The recording's tokens are placeholders: an ID
 * token with the recorded payload, signed by a test key, stands in their place.
 */
import { createHash, createSign, generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { sharedPath } from '../shared.ts';

type Json = Record<string, unknown>;

interface Recording {
  readonly name: string;
  readonly request?: { readonly method: string; readonly path: string };
  readonly response?: {
    readonly status: number;
    readonly raw: string;
    readonly headers: Record<string, string>;
  };
  readonly steps?: readonly { readonly path: string }[];
  readonly token_request?: string;
  readonly token_response?: {
    readonly status: number;
    readonly headers?: Record<string, string>;
    readonly body: Json;
  };
  readonly id_token_payload?: Json;
  readonly status?: number;
  readonly location?: string;
  readonly device_response?: Json;
}

const RECORDED_ORIGIN = 'http://127.0.0.1:5556';
const path = sharedPath('recordings/oidc.json');

export const recordings: readonly Recording[] | undefined =
  path === undefined ? undefined : JSON.parse(readFileSync(path, 'utf8'));

export function recording(name: string): Recording {
  const found = recordings?.find((each) => each.name === name);
  if (found === undefined) throw new Error(`no recording is named ${name}`);
  return found;
}

const recorded = generateKeyPairSync('rsa', { modulusLength: 2048 });
const foreign = generateKeyPairSync('rsa', { modulusLength: 2048 });

/** What to change in the answers, each from a good one. */
export interface Changes {
  readonly discovery?: (document: Json) => Json;
  readonly payload?: (payload: Json) => Json;
  readonly header?: (header: Json) => Json;
  readonly signWith?: 'foreign key' | 'nothing';
  readonly accessToken?: string;
  readonly tokenAnswer?: { readonly status: number; readonly body: Json };
  /** What the first polls of a device login get. */
  readonly polls?: readonly { readonly status: number; readonly body: Json }[];
  /** Called before each answer; true when it has answered itself. */
  readonly before?: (request: IncomingMessage, response: ServerResponse, nth: number) => boolean;
}

export interface RecordedProvider {
  readonly issuer: string;
  readonly clock: () => Date;
  /** Forms that the token endpoint received. */
  readonly tokenRequests: URLSearchParams[];
  /** `GET /auth/keys`, … in order. */
  readonly requests: string[];
  /** Notes the parameters of an authorization request, as the browser would bring them. */
  readonly authorize: (url: string) => URLSearchParams;
  close(): Promise<void>;
}

export async function startRecordedProvider(changes: Changes = {}): Promise<RecordedProvider> {
  const flow = recording('flow: authorization code with PKCE');
  const tokenRequests: URLSearchParams[] = [];
  const requests: string[] = [];
  let asked = new URLSearchParams();
  const server = createServer(async (request, response) => {
    const line = `${request.method} ${request.url}`;
    requests.push(line);
    const nth = requests.filter((each) => each === line).length;
    const body = await readAll(request);
    if (changes.before?.(request, response, nth)) return;
    const answer = (status: number, json: unknown): void => {
      const text = JSON.stringify(json).replaceAll(RECORDED_ORIGIN, origin);
      response.writeHead(status, { 'Content-Type': 'application/json' }).end(text);
    };
    if (line === 'GET /auth/.well-known/openid-configuration') {
      const document: Json = JSON.parse(recording('discovery').response?.raw ?? '');
      answer(200, changes.discovery?.(document) ?? document);
    } else if (line === 'GET /auth/keys') {
      const jwk = recorded.publicKey.export({ format: 'jwk' });
      answer(200, { keys: [{ ...jwk, use: 'sig', kid: 'test', alg: 'RS256' }] });
    } else if (line === 'POST /auth/device/code') {
      // As recorded but for the interval, which tests would only sleep through.
      answer(200, { ...JSON.parse(recording('device authorization').response?.raw ?? ''), interval: 1 });
    } else if (line === 'POST /auth/token' && body.includes('device_code')) {
      tokenRequests.push(new URLSearchParams(body));
      const { token_response: good, id_token_payload: payload } = recording('flow: device');
      const { status, body: json } = changes.polls?.[nth - 1] ?? { status: 200, body: good?.body };
      const accessToken = randomBytes(640).toString('base64url').slice(0, 852);
      const tokens = { access_token: accessToken, id_token: idToken(accessToken, payload) };
      answer(status, status === 200 ? { ...json, ...tokens } : json);
    } else if (line === 'POST /auth/token') {
      const form = new URLSearchParams(body);
      tokenRequests.push(form);
      const accessToken = randomBytes(680).toString('base64url').slice(0, 914);
      const good = flow.token_response?.body;
      const wrong = changes.tokenAnswer ?? wrongVerifier(form, asked);
      if (wrong) answer(wrong.status, wrong.body);
      else
        answer(200, {
          ...good,
          access_token: changes.accessToken ?? accessToken,
          id_token: idToken(accessToken),
        });
    } else answer(404, {});
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  const idToken = (accessToken: string, recordedPayload = flow.id_token_payload): string => {
    const payload: Json = {
      ...recordedPayload,
      ...(recordedPayload?.['nonce'] === undefined ? {} : { nonce: asked.get('nonce') }),
      at_hash: createHash('sha256').update(accessToken).digest().subarray(0, 16).toString('base64url'),
    };
    const header = { alg: 'RS256', kid: 'test' };
    const key = changes.signWith === 'foreign key' ? foreign.privateKey : recorded.privateKey;
    const text = JSON.stringify(changes.payload?.(payload) ?? payload).replaceAll(RECORDED_ORIGIN, origin);
    return signJwt(
      changes.header?.(header) ?? header,
      text,
      changes.signWith === 'nothing' ? undefined : key,
    );
  };
  return {
    issuer: `${origin}/auth`,
    clock: () => new Date(Number(flow.id_token_payload?.['iat']) * 1000),
    tokenRequests,
    requests,
    authorize: (url) => {
      asked = new URL(url).searchParams;
      return asked;
    },
    close: () => closeServer(server),
  };
}

/** A compact JWS (RFC 7515) of the payload text. */
export function signJwt(header: Json, payload: string, key: KeyObject | undefined): string {
  const encode = (text: string): string => Buffer.from(text).toString('base64url');
  const signed = `${encode(JSON.stringify(header))}.${encode(payload)}`;
  const signature = key === undefined ? '' : createSign('sha256').update(signed).sign(key, 'base64url');
  return `${signed}.${signature}`;
}

/** Dex compares the verifier with the challenge, RFC 7636 section 4.6. */
function wrongVerifier(form: URLSearchParams, asked: URLSearchParams): Changes['tokenAnswer'] | undefined {
  const challenge = createHash('sha256')
    .update(form.get('code_verifier') ?? '')
    .digest('base64url');
  if (challenge === asked.get('code_challenge')) return undefined;
  return recording('flow: wrong code_verifier').token_response;
}

async function readAll(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request) text += chunk;
  return text;
}

function closeServer(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(() => resolve()));
}
