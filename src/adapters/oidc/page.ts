import { createHash } from 'node:crypto';
import { escapeForTerminal } from '../terminal.ts';

/** A whole HTML answer of the callback server. */
export interface Page {
  readonly status: number;
  readonly html: string;
}

/** As whom the person signs now, and who says so. Both are shown as they are, escaped. */
export function successPage(principal: string, issuer: string): Page {
  const body = `
${TICK}
<h1>You are logged in</h1>
<p class="who">${escapeHtml(principal)}</p>
<p class="via">confirmed by ${escapeHtml(issuer)}</p>
<p class="next">You may close this page and go back to git.</p>`;
  return { status: 200, html: document('Logged in', 'good', body) };
}

/** What went wrong in one sentence, and what to do in one sentence. */
export function failurePage(message: string, hint: string, status = 400): Page {
  const body = `
${CROSS}
<h1>The login failed</h1>
<p class="what">${escapeHtml(message)}</p>
<p class="next">${escapeHtml(hint)}</p>`;
  return { status, html: document('Login failed', 'bad', body) };
}

/** Before the first login where no terminal could say it: what becomes public, and the way on to `url`. */
export function noticePage(lines: readonly string[], url: string): Page {
  const body = `
<h1>Before your first signature</h1>
${lines.map((line) => `<p class="what">${escapeHtml(line)}</p>`).join('\n')}
<p class="next"><a href="${escapeAttribute(url)}">Continue and log in</a></p>`;
  return { status: 200, html: document('Before your first signature', 'neutral', body) };
}

/** For a request to the right place that is no answer to the login under way; nothing has ended by it. */
export function strayPage(status: number, message: string): Page {
  const body = `
<h1>Nothing to do here</h1>
<p class="what">${escapeHtml(message)}</p>
<p class="next">If you are logging in, go on in the page that git-signet opened last, or start again in git.</p>`;
  return { status, html: document('git-signet', 'neutral', body) };
}

function document(title: string, mood: 'good' | 'bad' | 'neutral', body: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<title>${title} – git-signet</title>
<link rel="icon" href="${ICON}">
<style>${STYLE}</style>
</head>
<body>
<main class="${mood}">
<header>${SEAL}git-signet</header>
<section>${body}
</section>
<footer>This page was made by git-signet on this computer. It sets no cookies and loads nothing from elsewhere.</footer>
</main>
</body>
</html>
`;
}

/** What a terminal must not get, such as text that turns its direction, misleads in a page as well. */
function escapeHtml(text: string): string {
  const escaped = escapeForTerminal(text).replace(/[&<>"'`]/g, (it) => `&#${it.charCodeAt(0)};`);
  return escaped.replaceAll('git-signet', '<span>git-signet</span>'); // not to be broken at its hyphen
}

/** Only ever a URL that was parsed before. */
function escapeAttribute(url: string): string {
  return url.replace(/[&<>"'`]/g, (it) => `&#${it.charCodeAt(0)};`);
}

/** The same seal as the icon of the tab. */
const SEAL_SHAPE =
  '<rect width="24" height="24" rx="7" fill="#1f6f54"/><path d="m7 12.4 3.4 3.4L17 9" fill="none" stroke="#fff" stroke-width="2.4" stroke-linecap="round" stroke-linejoin="round"/>';

const SEAL = `<svg viewBox="0 0 24 24" width="22" height="22" aria-hidden="true">${SEAL_SHAPE}</svg>`;

const TICK =
  '<svg class="mark" viewBox="0 0 56 56" width="56" height="56" aria-hidden="true"><circle cx="28" cy="28" r="28"/><path d="m17.5 28.8 7.2 7.2 14-15" fill="none" stroke-width="4" stroke-linecap="round" stroke-linejoin="round"/></svg>';

const CROSS =
  '<svg class="mark" viewBox="0 0 56 56" width="56" height="56" aria-hidden="true"><circle cx="28" cy="28" r="28"/><path d="M28 16v15.5M28 39.2v.3" fill="none" stroke-width="4.6" stroke-linecap="round"/></svg>';

/** In the page itself, so that no browser comes back to ask for /favicon.ico. */
const ICON = `data:image/svg+xml,${encodeURIComponent(
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24">${SEAL_SHAPE}</svg>`,
)}`;

const STYLE = `
:root {
  --ground: #f4f5f3; --card: #fff; --line: #dfe3de; --ink: #1a211e; --soft: #5a645f;
  --good: #1f6f54; --good-wash: #e4f1eb; --bad: #a8321f; --bad-wash: #fbeae6;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #121513; --card: #1b1f1d; --line: #2f3633; --ink: #e9eeeb; --soft: #9aa59f;
    --good: #6fcfa6; --good-wash: #1d3a2f; --bad: #f2937f; --bad-wash: #43231c;
  }
}
* { box-sizing: border-box; margin: 0 }
html { height: 100% }
body {
  min-height: 100%; display: flex; align-items: center; justify-content: center; padding: 24px 16px;
  background: var(--ground); color: var(--ink);
  font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif;
}
main { width: 100%; max-width: 480px }
header {
  display: flex; align-items: center; justify-content: center; gap: 8px; margin-bottom: 20px;
  color: var(--soft); font-weight: 600; letter-spacing: .01em;
}
section {
  padding: 40px 32px; text-align: center; background: var(--card); border: 1px solid var(--line);
  border-radius: 16px; box-shadow: 0 1px 2px rgb(0 0 0 / .04), 0 12px 32px rgb(0 0 0 / .06);
}
.mark { display: block; margin: 0 auto 20px }
.mark circle { fill: var(--good-wash) }
.mark path { stroke: var(--good) }
.bad .mark circle { fill: var(--bad-wash) }
.bad .mark path { stroke: var(--bad) }
h1 { font-size: 24px; line-height: 1.25; font-weight: 650; letter-spacing: -.01em }
p { overflow-wrap: anywhere; text-wrap: pretty }
h1, .next { text-wrap: balance }
span { white-space: nowrap }
.who {
  display: inline-block; max-width: 100%; margin-top: 18px; padding: 8px 16px; border-radius: 10px;
  background: var(--good-wash); color: var(--good); font-size: 18px; font-weight: 600;
}
.via { margin-top: 8px; color: var(--soft); font-size: 14px }
.what { margin-top: 14px; color: var(--soft) }
.next { margin-top: 24px; padding-top: 20px; border-top: 1px solid var(--line) }
a {
  display: inline-block; padding: 10px 22px; border-radius: 10px; background: var(--good); color: var(--card);
  font-weight: 600; text-decoration: none;
}
a:focus-visible { outline: 3px solid var(--good); outline-offset: 2px }
footer { margin: 20px auto 0; max-width: 400px; color: var(--soft); font-size: 13px; text-align: center }
`;

/** Nothing may run, load, frame or be sent from these pages; only the style sheet above applies. */
export const PAGE_HEADERS: Readonly<Record<string, string>> = {
  'Content-Type': 'text/html; charset=utf-8',
  'Content-Security-Policy': [
    "default-src 'none'",
    `style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`,
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; '),
  'Referrer-Policy': 'no-referrer',
  'Cache-Control': 'no-store',
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  Connection: 'close',
};
