import { request } from 'node:http';

/**
 * Logs in at the sandbox's provider as a browser without scripts would: follows redirects, keeps cookies and sends
 * the form. Returns the callback URL, to which nobody has gone yet.
 */
export async function fillLoginForm(url: string, email: string): Promise<string> {
  const cookies = new Map<string, string>();
  let at = url;
  let body: string | undefined;
  for (let step = 0; step < 20; step++) {
    const answer = await send(at, cookies, body);
    body = undefined;
    if (answer.location !== undefined) {
      at = new URL(answer.location, at).href;
      if (at.includes('/auth/callback')) return at;
      continue;
    }
    const [, action] = /<form[^>]* action="([^"]+)"/.exec(answer.text) ?? [];
    if (action === undefined) throw new Error(`no form at ${at}: ${answer.text.slice(0, 500)}`);
    at = new URL(action, at).href;
    body = new URLSearchParams({ email }).toString();
  }
  throw new Error('too many redirects');
}

interface Sent {
  readonly location: string | undefined;
  readonly text: string;
}

function send(url: string, cookies: Map<string, string>, body?: string): Promise<Sent> {
  return new Promise((resolve, reject) => {
    const headers = {
      Cookie: [...cookies].map((pair) => pair.join('=')).join('; '),
      ...(body === undefined ? {} : { 'Content-Type': 'application/x-www-form-urlencoded' }),
    };
    const sent = request(
      url,
      { method: body === undefined ? 'GET' : 'POST', agent: false, headers },
      (response) => {
        for (const cookie of response.headers['set-cookie'] ?? []) {
          const [, name, value] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
          if (name !== undefined && value !== undefined) cookies.set(name, value);
        }
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => {
          text += chunk;
        });
        response.on('end', () => resolve({ location: response.headers.location, text }));
      },
    );
    sent.on('error', reject);
    sent.end(body);
  });
}
