import { mkdtempSync, rmSync } from 'node:fs';
import { get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { type CallbackListener, listenForCallback } from '../../src/adapters/oidc/callback.ts';
import { noticePage } from '../../src/adapters/oidc/page.ts';
import { noticeBeforeLogin, rememberNotice } from '../../src/adapters/publicNotice.ts';

let listener: CallbackListener | undefined;
afterEach(() => listener?.close());

/** Status and body of a GET with this Host header. */
function fetchPage(port: number, path: string, host: string): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    get({ host: '127.0.0.1', port, path, headers: { host } }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString() }),
      );
    }).on('error', reject);
  });
}

describe('the notice before a first login', () => {
  const folder = mkdtempSync(join(tmpdir(), 'signet-notice-'));
  const env = { HOME: folder, XDG_STATE_HOME: folder };
  afterAll(() => rmSync(folder, { recursive: true }));
  const local = { fulcioUrl: 'http://127.0.0.1:5555', rekorUrl: 'http://127.0.0.1:5555' };
  const sandbox = { env, instance: local, trust: { sandbox: true } };

  it.each([
    ['a tunnel to another log', { ...sandbox, trust: { sandbox: false } }],
    ['another log', { ...sandbox, instance: { ...local, rekorUrl: 'https://rekor.sigstore.dev' } }],
    ['another authority', { ...sandbox, instance: { ...local, fulcioUrl: 'https://fulcio.sigstore.dev' } }],
  ])('says that the address becomes public: %s', (_, place) => {
    const said = noticeBeforeLogin(place).join('\n');
    expect(said).toContain(`public log ${place.instance.rekorUrl}, for ever`);
    expect(said).toContain('do not log in');
  });

  it('says of a sandbox that nothing does, once, and of what comes behind the same port what is true of that', () => {
    expect(noticeBeforeLogin(sandbox).join('\n')).toMatch(/sandbox on this machine.*nothing becomes public/);
    rememberNotice(sandbox);
    expect(noticeBeforeLogin(sandbox)).toEqual([]);
    const tunnel = { ...sandbox, trust: { sandbox: false } };
    expect(noticeBeforeLogin(tunnel).join('\n')).toContain('public log');
    rememberNotice(tunnel);
    expect(noticeBeforeLogin(tunnel)).toEqual([]);
  });
});

describe('the page before a first login without a terminal', () => {
  it('says what becomes public and leads on, for our own host names only', async () => {
    listener = await listenForCallback(undefined, 'state');
    const url = listener.serve(noticePage(['Public for <ever>.'], 'https://id.example/auth?a=1&b="2'));
    expect(url).toBe(`http://localhost:${listener.port}/welcome`);
    const page = await fetchPage(listener.port, '/welcome', `localhost:${listener.port}`);
    expect(page.status).toBe(200);
    expect(page.body).toContain('Public for &#60;ever&#62;.');
    expect(page.body).toContain('href="https://id.example/auth?a=1&#38;b=&#34;2"');
    expect((await fetchPage(listener.port, '/welcome', 'evil.example')).status).toBe(421);
  });

  it('is not there unless it was asked for', async () => {
    listener = await listenForCallback(undefined, 'state');
    const page = await fetchPage(listener.port, '/welcome', `localhost:${listener.port}`);
    expect(page.status).toBe(404);
  });
});
