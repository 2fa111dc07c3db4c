import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { type CallbackListener, listenForCallback } from '../../src/adapters/oidc/callback.ts';
import { successPage } from '../../src/adapters/oidc/page.ts';
import { isSignetError } from '../../src/errors.ts';
import { freePort, visit } from './person.ts';

const STATE = 'SSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSS';

describe('the callback server', () => {
  let listener: CallbackListener | undefined;
  const sockets: (Socket | Server)[] = [];
  afterEach(async () => {
    for (const socket of sockets.splice(0)) 'destroy' in socket ? socket.destroy() : socket.close();
    await listener?.close();
    listener = undefined;
  });

  async function listen(redirectUrl?: string): Promise<CallbackListener> {
    listener = await listenForCallback(redirectUrl, STATE);
    return listener;
  }

  /** The page is held back until the caller replies; then the browser has it. */
  async function finish({ callback, redirectUrl }: CallbackListener, address?: string): Promise<string> {
    const page = visit(`${redirectUrl}?code=good&state=${STATE}`, address === undefined ? {} : { address });
    const { url, reply } = await callback;
    expect(url.href).toBe(`${redirectUrl}?code=good&state=${STATE}`);
    await reply(successPage('alice@example.com', 'https://i.example'));
    return (await page).body;
  }

  it('takes the answer of the provider on a localhost URL', async () => {
    const { redirectUrl, port } = await listen();
    expect(redirectUrl).toBe(`http://localhost:${port}/auth/callback`);
    expect(listener && (await finish(listener))).toContain('alice@example.com');
  });

  it.each(['127.0.0.1', '::1'])('listens on %s', async (address) => {
    const running = await listen();
    if (address === '::1' && !(await hasIpv6())) return;
    expect(await finish(running, address)).toContain('alice@example.com');
  });

  const strays: readonly [string, number, string, { method?: string; host?: string }][] = [
    ['the icon', 404, '/favicon.ico', {}],
    ['a wrong path', 404, `/auth/callback/?code=evil&state=${STATE}`, {}],
    ['a path in other words', 404, `/auth/%63allback?code=evil&state=${STATE}`, {}],
    ['no state', 400, '/auth/callback?code=evil', {}],
    ['a wrong state', 400, '/auth/callback?code=evil&state=nonsense', {}],
    ['a wrong state of the right length', 400, `/auth/callback?code=evil&state=${'T'.repeat(43)}`, {}],
    ['two states', 400, `/auth/callback?code=evil&state=${STATE}&state=${STATE}`, {}],
    ['an error without state', 400, '/auth/callback?error=access_denied', {}],
    ['neither code nor error', 400, `/auth/callback?state=${STATE}`, {}],
    ['both code and error', 400, `/auth/callback?code=evil&error=evil&state=${STATE}`, {}],
    ['two codes', 400, `/auth/callback?code=evil&code=good&state=${STATE}`, {}],
    ['HEAD', 405, `/auth/callback?code=evil&state=${STATE}`, { method: 'HEAD' }],
    ['POST', 405, `/auth/callback?code=evil&state=${STATE}`, { method: 'POST' }],
    ['OPTIONS', 405, `/auth/callback?code=evil&state=${STATE}`, { method: 'OPTIONS' }],
    ['a foreign Host', 421, `/auth/callback?code=evil&state=${STATE}`, { host: 'evil.example' }],
    ['a Host without port', 421, `/auth/callback?code=evil&state=${STATE}`, { host: 'localhost' }],
    ['a Host with another port', 421, `/auth/callback?code=evil&state=${STATE}`, { host: 'localhost:1' }],
  ];
  it.each(strays)('answers %s with %i and waits on', async (_what, status, target, how) => {
    const running = await listen();
    const { origin } = new URL(running.redirectUrl);
    const answer = await visit(origin + target, how);
    expect(answer.status).toBe(status);
    expect(answer.headers['content-security-policy']).toContain("default-src 'none'");
    expect(answer.headers['access-control-allow-origin']).toBeUndefined();
    expect(answer.headers.connection).toBe('close');
    if (status === 405) expect(answer.headers.allow).toBe('GET');
    expect(await finish(running)).toContain('alice@example.com');
  });

  it.each(['127.0.0.1', '[::1]', 'LOCALHOST'])('takes %s for a name of its own', async (name) => {
    const { redirectUrl, port, callback } = await listen();
    const page = visit(`${redirectUrl}?code=good&state=${STATE}`, { host: `${name}:${port}` });
    await (await callback).reply(successPage('alice@example.com', 'https://i.example'));
    expect((await page).status).toBe(200);
  });

  it('is not held up by connections that send nothing or half a request', async () => {
    const running = await listen();
    for (const text of ['', 'GET /auth/callback?code=evil', 'nonsense\r\n\r\n', '\u0016\u0003\u0001']) {
      const socket = connect(running.port, '127.0.0.1');
      sockets.push(socket);
      socket.on('error', () => {});
      await new Promise((resolve) => socket.once('connect', resolve));
      socket.write(text);
    }
    expect(await finish(running)).toContain('alice@example.com');
  });

  it('drops a connection that sends nothing, without an answer that a browser could show', async () => {
    const { port } = await listen();
    const socket = connect(port, '127.0.0.1');
    sockets.push(socket);
    const received: Buffer[] = [];
    socket.on('data', (chunk) => received.push(chunk));
    socket.on('error', () => {});
    await new Promise((resolve) => socket.once('close', resolve));
    expect(Buffer.concat(received).toString()).toBe('');
  }, 10_000);

  it('takes one answer only', async () => {
    const running = await listen();
    const { redirectUrl, callback } = running;
    const first = visit(`${redirectUrl}?code=good&state=${STATE}`);
    const { url, reply } = await callback;
    const second = await visit(`${redirectUrl}?code=evil&state=${STATE}`);
    expect(second.status).toBe(410);
    expect(running.paste(`${redirectUrl}?code=evil&state=${STATE}`)).toBe(false);
    await reply(successPage('alice@example.com', 'https://i.example'));
    expect((await first).status).toBe(200);
    expect(url.searchParams.get('code')).toBe('good');
  });

  it.each([
    ['a stray request', 'GET /favicon.ico HTTP/1.1\r\nHost: localhost:PORT\r\n\r\n'],
    ['one of HTTP/1.0', 'GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n'],
    ['one without Host, which Node answers', 'GET / HTTP/1.1\r\n\r\n'],
  ])('does not wait for an answer that cannot go out, behind %s', async (_what, before) => {
    const { port, callback } = await listen();
    const socket = connect(port, '127.0.0.1');
    sockets.push(socket);
    socket.resume();
    const good = `GET /auth/callback?code=good&state=${STATE} HTTP/1.1\r\nHost: localhost:${port}\r\n\r\n`;
    socket.write(before.replace('PORT', `${port}`) + good);
    await (await callback).reply(successPage('alice@example.com', 'https://i.example'));
  });

  it('takes a pasted URL under the same rules', async () => {
    const { redirectUrl, port, paste, callback } = await listen();
    for (const text of [
      'good',
      `?code=good&state=${STATE}`,
      `${redirectUrl}?code=evil&state=nonsense`,
      `https://localhost:${port}/auth/callback?code=evil&state=${STATE}`,
      `http://evil.example:${port}/auth/callback?code=evil&state=${STATE}`,
      `http://localhost:${port}/?code=evil&state=${STATE}`,
    ]) {
      expect(paste(text), text).toBe(false);
    }
    expect(paste(`  ${redirectUrl}?code=good&state=${STATE}\r`)).toBe(true);
    expect((await callback).url.searchParams.get('code')).toBe('good');
  });

  it('leaves no listener and no connection behind', async () => {
    const running = await listen();
    const socket = connect(running.port, '127.0.0.1');
    sockets.push(socket);
    const closed = new Promise((resolve) => socket.once('close', resolve));
    await new Promise((resolve) => socket.once('connect', resolve));
    await running.close();
    await closed;
    await expect(visit(running.redirectUrl)).rejects.toThrow('ECONNREFUSED');
  });

  it('uses a configured redirect URL verbatim, and only its address', async () => {
    const port = await freePort();
    const running = await listen(`http://127.0.0.1:${port}/cb`);
    expect(running.redirectUrl).toBe(`http://127.0.0.1:${port}/cb`);
    if (await hasIpv6()) await expect(visit(`http://[::1]:${port}/cb`)).rejects.toThrow('ECONNREFUSED');
    expect(await finish(running)).toContain('alice@example.com');
  });

  it('says when the configured port is taken', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    sockets.push(other);
    await new Promise((resolve) => other.once('listening', resolve));
    const { port } = other.address() as AddressInfo;
    const error = await listen(`http://localhost:${port}/auth/callback`).catch((thrown: unknown) => thrown);
    expect(isSignetError(error) && error.code).toBe('login-impossible');
    expect(isSignetError(error) && `${error.message} ${error.hint}`).toContain(`${port}`);
    expect(isSignetError(error) && error.hint).toContain('signet.redirectURL');
  });

  it.each([
    'https://localhost:8085/auth/callback',
    'http://example.com:8085/auth/callback',
    'http://localhost.evil.example:8085/cb',
    'http://0.0.0.0:8085/cb',
    'http://localhost:0/cb',
    'http://localhost:8085',
    'http://localhost:8085/cb?x=1',
    'http://localhost:8085/cb#x',
    'http://user@localhost:8085/cb',
    'localhost:8085',
    'nonsense',
  ])('refuses the redirect URL %s', async (redirectUrl) => {
    const error = await listen(redirectUrl).catch((thrown: unknown) => thrown);
    expect(isSignetError(error) && error.code).toBe('config');
    expect(isSignetError(error) && error.hint).toContain('signet.redirectURL');
  });
});

function hasIpv6(): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(0, '::1', () => server.close(() => resolve(true)));
  });
}
