/** The pages of the toy identity provider: no scripts, nothing from elsewhere, readable in light and dark. */

/** Asks who one wants to be. `problem` says what was wrong with the last answer. */
export function loginPage(action: string, clientName: string, email = '', problem = ''): string {
  const error =
    problem === '' ? '' : `<p class="problem" role="alert" id="problem">${escapeHtml(problem)}</p>`;
  return page(
    'Log in',
    `<p>${escapeHtml(clientName)} wants to know who you are. Any address is believed, so take one that shows it is a trial.</p>
<form method="post" action="${escapeHtml(action)}">
<label for="email">E-mail address</label>
<input id="email" name="email" type="email" required autofocus autocomplete="email" maxlength="180" value="${escapeHtml(email)}" placeholder="alice@example.com"${error === '' ? '' : ' aria-invalid="true" aria-describedby="problem"'}>
${error}<button type="submit">Log in</button>
</form>`,
  );
}

/** Asks for the code that a device shows; `form` is the library's, its button comes from here. */
export function deviceCodePage(form: string, problem: string): string {
  const error = problem === '' ? '' : `<p class="problem" role="alert">${escapeHtml(problem)}</p>`;
  return page(
    'Connect a device',
    `<p>Enter the code that your terminal shows.</p>${withoutScripts(form)}${error}<button type="submit" form="op.deviceInputForm">Continue</button>`,
  );
}

export function deviceConfirmPage(form: string, userCode: string): string {
  return page(
    'Connect a device',
    `<p>Does your terminal show this code?</p><p class="code">${escapeHtml(userCode)}</p>${withoutScripts(form)}<button type="submit" form="op.deviceConfirmForm">Yes, continue</button><button class="other" type="submit" form="op.deviceConfirmForm" name="abort" value="yes">No, stop</button>`,
  );
}

export function messagePage(title: string, text: string): string {
  return page(title, `<p>${escapeHtml(text)}</p>`);
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** The library's form selects its text by a script; the pages' own policy forbids any. */
function withoutScripts(form: string): string {
  return form.replace(/ onfocus="[^"]*"/g, '');
}

function page(title: string, content: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)} – git-signet sandbox</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<p class="toy"><strong>git-signet sandbox</strong> – a toy certificate authority, no real identity</p>
<h1>${escapeHtml(title)}</h1>
${content}
</main>
</body>
</html>
`;
}

const STYLE = `
:root { color-scheme: light dark; --ground: #f4f4f1; --card: #fff; --text: #1d1f21; --soft: #5b6066; --line: #c9ccd0; --accent: #1f5fbf; --on-accent: #fff; --toy: #8a4b00; --toy-ground: #fff1da; --bad: #b3261e }
@media (prefers-color-scheme: dark) { :root { --ground: #16181b; --card: #202327; --text: #e9eaec; --soft: #a5abb2; --line: #474c53; --accent: #8ab4f8; --on-accent: #10233f; --toy: #ffcb80; --toy-ground: #3a2a10; --bad: #ff8a80 } }
* { box-sizing: border-box }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 1.5rem; background: var(--ground); color: var(--text); font: 1rem/1.5 system-ui, sans-serif }
main { width: 100%; max-width: 26rem; background: var(--card); border: 1px solid var(--line); border-radius: .75rem; padding: 1.75rem; overflow-wrap: anywhere }
h1 { font-size: 1.5rem; line-height: 1.2; margin: 1.25rem 0 .5rem }
.toy { margin: 0; padding: .6rem .8rem; border-radius: .5rem; background: var(--toy-ground); color: var(--toy); font-size: .9rem }
p { margin: 0 0 1rem; color: var(--soft) }
label { display: block; font-weight: 600; margin-bottom: .35rem }
input[type=email], input[type=text] { width: 100%; padding: .65rem .75rem; font: inherit; color: inherit; background: var(--ground); border: 1px solid var(--line); border-radius: .5rem; margin-bottom: 1rem }
button { width: 100%; padding: .7rem; font: inherit; font-weight: 600; border: 0; border-radius: .5rem; background: var(--accent); color: var(--on-accent); cursor: pointer }
button.other { background: none; color: var(--soft); margin-top: .5rem }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px }
.problem { color: var(--bad) }
.code { font: 600 1.75rem/1 ui-monospace, monospace; color: var(--text); letter-spacing: .1em; text-align: center }
`;
