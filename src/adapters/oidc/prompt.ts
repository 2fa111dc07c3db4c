import { escapeForTerminal, type Terminal } from '../terminal.ts';

/** One line of progress; strangers' text in it is escaped. */
export function say(terminal: Terminal | undefined, text: string): void {
  terminal?.writeLine(`git-signet: ${escapeForTerminal(text)}`);
}

/** The address of the login page, and without a browser of this machine the two ways to use another one's. */
export function showUrl(
  terminal: Terminal,
  { url, opened, port }: { readonly url: string; readonly opened: boolean; readonly port: number },
): void {
  const address = `  ${emphasised(terminal, escapeForTerminal(url))}`;
  if (opened) {
    say(terminal, 'Log in with the browser that opens now. If none does, go to');
    terminal.writeLine(`\n${address}\n`);
    return;
  }
  say(terminal, 'To sign, log in with a browser at');
  terminal.writeLine(`\n${address}\n`);
  terminal.writeLine('A browser on another computer ends at a page that it cannot load. Either');
  terminal.writeLine('copy the address of that page (http://localhost...) and paste it here, or let');
  terminal.writeLine('it load by running this there before:');
  terminal.writeLine(`\n  ssh -L ${port}:localhost:${port} HOST\n`);
}

/** What a device login asks the person to do (RFC 8628 section 3.3), and to be careful about. */
export function showCode(
  terminal: Terminal,
  flow: { readonly verificationUrl: string; readonly userCode: string; readonly expiresInMs: number },
): void {
  say(terminal, 'To sign, go with any browser to');
  terminal.writeLine(`\n  ${emphasised(terminal, escapeForTerminal(flow.verificationUrl))}\n`);
  terminal.writeLine(`and enter the code ${emphasised(terminal, escapeForTerminal(flow.userCode))}`);
  terminal.writeLine(
    `It is valid for ${Math.round(flow.expiresInMs / 60_000)} min. Whoever enters it lets this computer sign\nas them.\n`,
  );
}

function emphasised(terminal: Terminal, text: string): string {
  return terminal.isColour ? `\u001b[1m${text}\u001b[22m` : text;
}
