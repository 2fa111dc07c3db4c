/** One word for sh. */
export function quoteForShell(word: string): string {
  return /^[\w@+:/.-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
