/** The recorded exchanges of real services, and a server that repeats their answers byte for byte. */
import { readFileSync } from 'node:fs';
import { sharedPath } from '../shared.ts';
import { readBody, serve, type TestServer } from './server.ts';

export interface Recorded {
  readonly name: string;
  readonly request: { readonly method: 'GET' | 'POST'; readonly path: string; readonly body: Body | null };
  readonly response: {
    readonly status: number;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: Body;
    /** The exact bytes of a JSON answer. */
    readonly raw?: string;
  };
}

interface Body {
  readonly json?: unknown;
  readonly text?: string;
  readonly base64?: string;
}

/** The exchanges of one file, or none where the recordings are absent. */
export function recordedExchanges(file: string): readonly Recorded[] {
  const path = sharedPath(`recordings/${file}`);
  if (path === undefined) return [];
  const recordings: readonly Recorded[] = JSON.parse(readFileSync(path, 'utf8'));
  return recordings.filter(({ request }) => request !== undefined);
}

export interface Recordings {
  readonly exchanges: readonly Recorded[];
  /** The exchange of this name; throws where there is none. */
  readonly recorded: (name: string) => Recorded;
  /** Names of those that nobody has asked for. */
  readonly left: () => readonly string[];
}

/** Those of one file, with account of which were used. */
export function recordingsIn(file: string): Recordings {
  const exchanges = recordedExchanges(file);
  const used = new Set<string>();
  return {
    exchanges,
    recorded: (name) => {
      const exchange = exchanges.find((one) => one.name === name);
      if (exchange === undefined) throw new Error(`no recording of ${name}`);
      used.add(name);
      return exchange;
    },
    left: () => exchanges.map(({ name }) => name).filter((name) => !used.has(name)),
  };
}

export function recordedTrustedRoot(): unknown {
  const path = sharedPath('recordings/trusted_root.json');
  return path === undefined ? undefined : JSON.parse(readFileSync(path, 'utf8'));
}

export function answerBytes({ response }: Recorded): Buffer {
  const { base64, json, text } = response.body;
  if (base64 !== undefined) return Buffer.from(base64, 'base64');
  return Buffer.from(response.raw ?? text ?? (json === undefined ? '' : JSON.stringify(json)));
}

export function requestText({ request }: Recorded): string | undefined {
  if (request.body === null) return undefined;
  return request.body.text ?? JSON.stringify(request.body.json);
}

/** Answers the first request with the first exchange, and so on; the last one for ever. Notes what it was asked. */
export function replay(
  exchanges: readonly Recorded[],
  seen: string[] = [],
  bodies: string[] = [],
): Promise<TestServer> {
  let next = 0;
  return serve((request, response) => {
    const exchange = exchanges[Math.min(next++, exchanges.length - 1)];
    if (exchange === undefined) throw new Error('nothing to replay');
    seen.push(`${request.method} ${request.url}`);
    readBody(request).then(
      (body) => {
        bodies.push(body);
        response.writeHead(exchange.response.status, exchange.response.headers);
        response.end(answerBytes(exchange));
      },
      () => response.destroy(),
    );
  });
}

/** The claims of the recorded ID token; the token itself was not kept. */
export function recordedTokenClaims(): Record<string, unknown> {
  const path = sharedPath('recordings/oidc.json');
  const recordings: readonly { readonly name: string; readonly payload?: Record<string, unknown> }[] =
    path === undefined ? [] : JSON.parse(readFileSync(path, 'utf8'));
  const token = recordings.find(({ name }) => name === 'an ID token, decoded');
  if (token?.payload === undefined) throw new Error('no recording of an ID token');
  return token.payload;
}
