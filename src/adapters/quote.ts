/** Text from a server, made fit for an error message. */

/**
 * Printable ASCII in double quotes, anything else as `\u{...}`, cut at `max` characters: a message can neither
 * forge a status line nor steer a terminal.
 */
export function printable(text: string, max: number): string {
  const head = [...text.slice(0, max)].map((char) => {
    if (char === '"' || char === '\\') return `\\${char}`;
    return /[ -~]/.test(char) ? char : `\\u{${char.codePointAt(0)?.toString(16)}}`;
  });
  return `"${head.join('')}${text.length > max ? '...' : ''}"`;
}

/**
 * The same for a text that may repeat what was sent: a run of 32 or more characters of base64url, as each part
 * of an ID token that is worth hiding has, is left out.
 */
export function printableWithoutTokens(text: string, max: number): string {
  return printable(text.replace(/[A-Za-z0-9_-]{32,}/g, '[left out]'), max);
}
