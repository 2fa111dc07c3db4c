/** Short names for issuers, in signet.allow and in policy files. */
export const ISSUER_ALIASES: Readonly<Record<string, string>> = {
  github: 'https://github.com/login/oauth',
  google: 'https://accounts.google.com',
  microsoft: 'https://login.microsoftonline.com',
  'github-actions': 'https://token.actions.githubusercontent.com',
  gitlab: 'https://gitlab.com',
};

/** The issuer that a short name or a URL stands for, undefined for anything else. */
export function toIssuer(text: string): string | undefined {
  if (Object.hasOwn(ISSUER_ALIASES, text)) return ISSUER_ALIASES[text];
  return /^https?:\/\/[!-'*-~]+$/.test(text) ? text : undefined;
}
