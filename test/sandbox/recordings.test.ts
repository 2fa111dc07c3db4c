import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { type DerNode, parseDer } from '../../src/core/der.ts';
import { sharedPath } from '../shared.ts';
import { requestSigner, upload } from './clients.ts';
import { ownSandbox } from './own.ts';

const { sandbox } = await ownSandbox();

/** The sandbox against what the real services answered to the same requests. */
interface Exchange {
  readonly name: string;
  readonly request: {
    readonly method: string;
    readonly path: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: { readonly json?: unknown; readonly text?: string; readonly base64?: string } | null;
  };
  readonly response: {
    readonly status: number;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: { readonly json?: unknown; readonly text?: string; readonly base64?: string };
    readonly raw?: string;
  };
}

const RECORDED_TREE = '2f96a18045953b12';

function exchangesOf(name: string): Exchange[] {
  const path = sharedPath(`recordings/${name}.json`);
  if (path === undefined) return [];
  return (JSON.parse(readFileSync(path, 'utf8')) as Exchange[]).filter(
    ({ response }) => response !== undefined,
  );
}

async function repeat({ request }: Exchange, change = (text: string) => text) {
  const { base64, text, json } = request.body ?? {};
  const body = request.body === null ? undefined : (text ?? JSON.stringify(json));
  const response = await fetch(sandbox.url + change(request.path), {
    method: request.method,
    headers: Object.fromEntries(
      Object.entries(request.headers).map(([name, value]) => [name, change(value)]),
    ),
    ...(base64 !== undefined
      ? { body: Buffer.from(base64, 'base64') }
      : body === undefined
        ? {}
        : { body: change(body) }),
  });
  return { response, text: await response.text() };
}

/** Names, order of names and kinds of values; what they are differs. */
function shapeOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.slice(0, 1).map(shapeOf);
  if (typeof value !== 'object' || value === null) return value === null ? 'null' : typeof value;
  return Object.entries(value).map(([name, inner]) => [
    /^[0-9a-f]{80}$/.test(name) ? 'id' : name,
    shapeOf(inner),
  ]);
}

/** Headers as recorded, save the length where the lengths of our names and addresses differ. */
function expectHeaders(response: Response, recorded: Exchange['response'], exact: boolean): void {
  for (const [name, value] of Object.entries(recorded.headers)) {
    const ours = response.headers.get(name);
    if (name === 'content-length' && !exact) expect(ours).toMatch(/^\d+$/);
    else expect(ours).toBe(value);
  }
  if (recorded.headers['content-length'] === undefined)
    expect(response.headers.get('content-length')).toBeNull();
  if (recorded.headers['content-type'] === undefined) expect(response.headers.get('content-type')).toBeNull();
}

const fulcio = exchangesOf('fulcio');
const rekor = exchangesOf('rekor-v1');

describe.skipIf(fulcio.length === 0)('Fulcio', () => {
  test.each(fulcio.map((exchange) => [exchange.name, exchange] as const))('%s', async (_name, exchange) => {
    const token = sandbox.mintIdToken('alice@example.com');
    const withToken = (text: string) =>
      text
        .replaceAll('<ID token, last 8 characters replaced>', token.slice(0, -8))
        .replaceAll('<ID token>', token);
    const { response, text } = await repeat(exchange, withToken);
    const recorded = exchange.response;
    expect(response.status).toBe(recorded.status);
    expectHeaders(response, recorded, recorded.status >= 400);
    if (recorded.status >= 400) expect(text).toBe(recorded.raw);
    else if (recorded.raw !== undefined)
      expect(shapeOf(JSON.parse(text))).toEqual(shapeOf(JSON.parse(recorded.raw)));
    expect(text.endsWith('\n')).toBe((recorded.raw ?? recorded.body.text ?? '').endsWith('\n'));
  });
});

describe.skipIf(rekor.length === 0)('Rekor v1', () => {
  let tree = '';
  const inOurTree = (text: string) => text.replaceAll(RECORDED_TREE, tree);
  // Answers that are the same in every log that holds the same entry, up to the number of the tree.
  const exact = (status: number, name: string) =>
    status >= 400 || /nothing|empty|by hash|by certificate/.test(name);

  beforeAll(async () => {
    // The recorded log held one entry of the same address before.
    const { id } = await upload(sandbox, await requestSigner(sandbox), 'the first one');
    tree = id.slice(0, 16);
  });

  test.each(rekor.map((exchange) => [exchange.name, exchange] as const))('%s', async (name, exchange) => {
    const { response, text } = await repeat(exchange, inOurTree);
    const recorded = exchange.response;
    expect(response.status).toBe(recorded.status);
    const headers = Object.fromEntries(
      Object.entries(recorded.headers).map(([header, value]) => [header, inOurTree(value)]),
    );
    expectHeaders(response, { ...recorded, headers }, exact(recorded.status, name));
    if (exact(recorded.status, name)) expect(text).toBe(inOurTree(recorded.raw ?? recorded.body.text ?? ''));
    else if (recorded.raw !== undefined)
      expect(shapeOf(JSON.parse(text))).toEqual(shapeOf(JSON.parse(recorded.raw)));
    expect(text.endsWith('\n')).toBe((recorded.raw ?? recorded.body.text ?? '').endsWith('\n'));
  });

  test('logs the recorded entry under the recorded id', async () => {
    const created = rekor.find(({ name }) => name === 'create entry');
    const [[id = '', entry] = []] = Object.entries(
      created?.response.body.json as Record<string, { body: string }>,
    );
    const response = await fetch(`${sandbox.rekorUrl}/api/v1/log/entries/${inOurTree(id)}`);
    const ours = (await response.json()) as Record<string, { body: string }>;
    expect(ours[inOurTree(id)]?.body).toBe(entry?.body);
  });
});

const tsa = exchangesOf('tsa');

describe.skipIf(tsa.length === 0)('the timestamp authority', () => {
  test.each(tsa.map((exchange) => [exchange.name, exchange] as const))('%s', async (_name, exchange) => {
    const { response, text } = await repeat(exchange, (part) =>
      part.replace(/^\/api\/v1\/timestamp/, '/tsa$&'),
    );
    const recorded = exchange.response;
    expect(response.status).toBe(recorded.status);
    // Our chain has longer names, and so is sent in chunks.
    const { 'content-length': length, ...headers } = recorded.headers;
    const isChain = exchange.request.method === 'GET' && length !== undefined;
    expectHeaders(response, isChain ? { ...recorded, headers } : recorded, recorded.status >= 400);
    if (recorded.status >= 400) expect(text).toBe(recorded.raw ?? recorded.body.text);
    else if (recorded.body.text !== undefined)
      expect(text.match(/-----.+/g)).toEqual(recorded.body.text.match(/-----.+/g));
  });

  test('builds replies of the same elements', async () => {
    const exchange = tsa.find(({ name }) => name === 'timestamp');
    if (exchange === undefined) throw new Error('no such recording');
    const ours = await fetch(sandbox.timestampUrl, {
      method: 'POST',
      headers: { 'content-type': 'application/timestamp-query' },
      body: Buffer.from(exchange.request.body?.base64 ?? '', 'base64'),
    });
    const theirs = Buffer.from(exchange.response.body.base64 ?? '', 'base64');
    const [mine, other] = [Buffer.from(await ours.arrayBuffer()), theirs].map((reply) =>
      tagsOf(parseDer(reply)),
    );
    expect(mine).toEqual(other);
  });
});

/** Tags of an element and of those in it. Of the types of text in names, ours are UTF-8, theirs printable. */
function tagsOf({ tag, children }: DerNode): unknown {
  return children.length === 0 ? (tag === 0x13 ? 0x0c : tag) : [tag, ...children.map(tagsOf)];
}

describe.skipIf(sharedPath('recordings/oidc.json') === undefined)('Dex', () => {
  test('gives the same errors', async () => {
    const path = sharedPath('recordings/oidc.json') ?? '';
    const all = JSON.parse(readFileSync(path, 'utf8')) as (Exchange & {
      token_response?: { body: unknown };
    })[];
    const wanted = all.filter(
      ({ name }) => /unknown/.test(name) && /authorization code|unknown client/.test(name),
    );
    expect(wanted.length).toBe(2);
    for (const exchange of wanted) {
      const { response, text } = await repeat(exchange, (part) => part.replace(/^\/auth\//, '/oidc/'));
      expect(response.status).toBe(exchange.response.status);
      const { error } = JSON.parse(text) as { error: string };
      expect(error).toBe((exchange.response.body.json as { error: string }).error);
    }
  });
});
