import { escapeForTerminal } from '../../adapters/terminal.ts';

/** Text from strangers for HTML, in text and in quoted attributes; what would not show is made visible. */
export function escapeHtml(text: string): string {
  const entities: Readonly<Record<string, string>> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
    "'": '&#39;',
  };
  return escapeForTerminal(text).replace(/[&<>"']/g, (character) => entities[character] ?? '');
}
