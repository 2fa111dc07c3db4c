/** A browser without scripts, as far as a login needs one: cookies, redirects, one form. */
export interface Visit {
  readonly status: number;
  readonly html: string;
  /** Where it ended; a redirect away from the sandbox is not followed. */
  readonly url: string;
}

export class ScriptedBrowser {
  readonly #cookies = new Map<string, string>();
  readonly #origin: string;

  constructor(origin: string) {
    this.#origin = origin;
  }

  /** Follows redirects inside the origin. */
  async visit(url: string, form?: Readonly<Record<string, string>>): Promise<Visit> {
    const response = await fetch(url, {
      redirect: 'manual',
      headers: {
        cookie: [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; '),
        accept: 'text/html',
      },
      ...(form === undefined ? {} : { method: 'POST', body: new URLSearchParams(form) }),
    });
    for (const cookie of response.headers.getSetCookie()) {
      const [pair = ''] = cookie.split(';');
      const at = pair.indexOf('=');
      this.#cookies.set(pair.slice(0, at), pair.slice(at + 1));
    }
    const location = response.headers.get('location');
    const html = await response.text();
    if (location === null) return { status: response.status, html, url };
    const target = new URL(location, url);
    if (target.origin !== this.#origin) return { status: response.status, html, url: target.href };
    return this.visit(target.href);
  }

  /** Sends the page's form, with its hidden fields. */
  async submit(page: Visit, fields: Readonly<Record<string, string>>): Promise<Visit> {
    const action = /<form[^>]* action="([^"]*)"/.exec(page.html)?.[1];
    if (action === undefined) throw new Error(`no form in: ${page.html}`);
    const hidden: Record<string, string> = {};
    for (const [input] of page.html.matchAll(/<input type="hidden"[^>]*>/g)) {
      const name = /name="([^"]*)"/.exec(input)?.[1];
      if (name !== undefined) hidden[name] = /value="([^"]*)"/.exec(input)?.[1] ?? '';
    }
    return this.visit(new URL(action, page.url).href, { ...hidden, ...fields });
  }

  /** The whole login: page, address, and where it leads. */
  async logIn(url: string, email: string): Promise<Visit> {
    return this.submit(await this.visit(url), { email });
  }
}
